namespace SequenceModels.Shapes;

/// <summary>
/// Mean and deviation of each feature over the training examples: (x - mean) / deviation is of order 1, whatever the units. A feature that never changes has a deviation of 1, and becomes 0.
/// </summary>
/// <param name="Mean">[F] the means.</param>
/// <param name="Deviation">[F] the standard deviations (of the population), above 0.</param>
public sealed record Standardization(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>The statistics of all frames, in double precision and in their order; numbers that are not known (NaN) are left out.</summary>
    /// <param name="sequences">The frames, all of so many features.</param>
    /// <param name="features">F.</param>
    /// <returns>Mean and deviation of each feature; of one that is never known 0 and 1.</returns>
    public static Standardization Of(IEnumerable<FrameSequence> sequences, int features)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var data = sequences as IReadOnlyCollection<FrameSequence> ?? [.. sequences];
        float[] mean = new float[features], deviation = new float[features];
        for (int feature = 0; feature < features; feature++)
        {
            double sum = 0, least = double.PositiveInfinity, greatest = double.NegativeInfinity;
            long count = 0;
            foreach (float value in Known(data, feature))
            {
                (sum, count) = (sum + value, count + 1);
                (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
            }

            double middle = count == 0 ? 0 : sum / count, squares = 0;
            foreach (float value in Known(data, feature))
                squares += (value - middle) * (value - middle);
            mean[feature] = (float)middle;
            deviation[feature] = least < greatest ? (float)Math.Sqrt(squares / count) : 1;
            if (deviation[feature] == 0) // changes too small for single precision
                deviation[feature] = 1;
        }

        return new Standardization(mean, deviation);
    }

    /// <summary>Writes a standardised frame.</summary>
    internal void Apply(ReadOnlySpan<float> frame, Span<float> result)
    {
        for (int i = 0; i < frame.Length; i++)
            result[i] = (frame[i] - Mean[i]) / Deviation[i];
    }

    /// <summary>Undoes <see cref="Apply"/> in place.</summary>
    internal void Undo(Span<float> frame)
    {
        for (int i = 0; i < frame.Length; i++)
            frame[i] = frame[i] * Deviation[i] + Mean[i];
    }

    private static IEnumerable<float> Known(IReadOnlyCollection<FrameSequence> sequences, int feature)
    {
        foreach (var sequence in sequences)
        {
            for (int step = 0; step < sequence.Length; step++)
            {
                float value = sequence.Values[step * sequence.Features + feature];
                if (!float.IsNaN(value))
                    yield return value;
            }
        }
    }
}
