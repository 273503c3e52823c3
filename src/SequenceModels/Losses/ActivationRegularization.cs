using SequenceModels.Layers;

namespace SequenceModels.Losses;

/// <summary>Penalties of large and of quickly changing outputs of a recurrent layer (Merity, McCann and Socher 2017; docs/equations.md, section 16).</summary>
internal static class ActivationRegularization
{
    /// <summary>AR: strength x the mean of h^2 over all valid steps; usually of the outputs after dropout.</summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="outputs">[T,B,H].</param>
    /// <param name="strength">Usually 2 for language models.</param>
    /// <param name="gradient">[T,B,H]; the penalty's gradient is added to it. Empty: not wanted.</param>
    /// <returns>The penalty.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static double Activity(SequenceShape shape, ReadOnlySpan<float> outputs, double strength, Span<float> gradient)
    {
        int size = Size(shape, outputs, gradient);
        double factor = Factor(shape, size, strength, lost: 0), sum = 0;
        float slope = (float)(2 * factor);
        for (int row = 0; row < shape.Rows; row++)
        {
            if (!shape.Has(row / shape.Batch, row % shape.Batch))
                continue;
            var h = outputs.Slice(row * size, size);
            foreach (float value in h)
                sum += (double)value * value;
            for (int j = 0; j < size && !gradient.IsEmpty; j++)
                gradient[row * size + j] += slope * h[j]; // dh += 2 strength / N h
        }

        return factor * sum;
    }

    /// <summary>TAR: strength x the mean of (h_(t+1) - h_t)^2 over all valid neighbours; usually of the outputs before dropout.</summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="outputs">[T,B,H].</param>
    /// <param name="strength">Usually 1 for language models.</param>
    /// <param name="gradient">[T,B,H]; the penalty's gradient is added to it. Empty: not wanted.</param>
    /// <returns>The penalty; 0 if no sequence has two steps.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static double TemporalActivity(SequenceShape shape, ReadOnlySpan<float> outputs, double strength, Span<float> gradient)
    {
        int size = Size(shape, outputs, gradient), step = shape.Batch * size;
        double factor = Factor(shape, size, strength, lost: 1), sum = 0;
        float slope = (float)(2 * factor);
        for (int row = shape.Batch; row < shape.Rows; row++)
        {
            if (!shape.Has(row / shape.Batch, row % shape.Batch))
                continue;
            for (int i = row * size; i < (row + 1) * size; i++)
            {
                float change = outputs[i] - outputs[i - step];
                sum += (double)change * change;
                if (gradient.IsEmpty)
                    continue;
                gradient[i] += slope * change;        // dh_(t+1) += 2 strength / N (h_(t+1) - h_t)
                gradient[i - step] -= slope * change; // dh_t     -= the same
            }
        }

        return factor * sum;
    }

    private static int Size(SequenceShape shape, ReadOnlySpan<float> outputs, Span<float> gradient)
    {
        if (outputs.Length % shape.Rows != 0 || gradient.Length != 0 && gradient.Length != outputs.Length)
            throw new ArgumentException($"{outputs.Length} outputs and {gradient.Length} gradients do not fit {shape.Rows} rows.", nameof(outputs));
        return outputs.Length / shape.Rows;
    }

    // strength / the number of elements, of which each sequence has lost so many steps.
    private static double Factor(SequenceShape shape, int size, double strength, int lost)
    {
        long steps = 0;
        for (int b = 0; b < shape.Batch; b++)
            steps += Math.Max(0, (shape.Lengths?[b] ?? shape.Time) - lost);
        return steps == 0 ? 0 : strength / ((double)steps * size);
    }
}
