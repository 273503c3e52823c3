using SequenceModels.Layers;

namespace SequenceModels.Losses;

/// <summary>The factor of each row's loss by which a sum becomes the mean that is wanted.</summary>
internal static class RowScales
{
    /// <summary>Fills in the factors.</summary>
    /// <param name="reduction">What is wanted.</param>
    /// <param name="shape">T, B and lengths; rows past a sequence's length do not count.</param>
    /// <param name="targets">[T,B,K]; NaN: does not count.</param>
    /// <param name="scales">[T,B] receives the factors, 0 for a row that does not count.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the shape.</exception>
    public static void Fill(LossReduction reduction, SequenceShape shape, ReadOnlySpan<float> targets, Span<float> scales)
    {
        if (scales.Length != shape.Rows || targets.Length % shape.Rows != 0)
            throw new ArgumentException($"There are {targets.Length} targets and {scales.Length} scales for {shape.Rows} rows.", nameof(targets));
        int columns = targets.Length / shape.Rows, sequences = 0;
        long elements = 0;
        Span<long> counted = shape.Batch <= 4096 ? stackalloc long[shape.Batch] : new long[shape.Batch];
        for (int row = 0; row < shape.Rows; row++)
            counted[row % shape.Batch] += Counted(shape, row, targets.Slice(row * columns, columns));
        foreach (long count in counted)
        {
            elements += count;
            sequences += count > 0 ? 1 : 0;
        }

        for (int row = 0; row < shape.Rows; row++)
        {
            double divisor = reduction switch
            {
                LossReduction.Sum => 1,
                LossReduction.MeanOfElements => elements,
                _ => (double)sequences * counted[row % shape.Batch],
            };
            scales[row] = shape.Has(row / shape.Batch, row % shape.Batch) && divisor > 0 ? (float)(1 / divisor) : 0;
        }
    }

    private static int Counted(SequenceShape shape, int row, ReadOnlySpan<float> targets)
    {
        int count = 0;
        if (!shape.Has(row / shape.Batch, row % shape.Batch))
            return 0;
        foreach (float target in targets)
            count += float.IsNaN(target) ? 0 : 1;
        return count;
    }
}

/// <summary>How the losses of a batch's elements become one number (docs/equations.md, section 6). Elements whose target is NaN do not count.</summary>
internal enum LossReduction
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>The mean over all elements: a long sequence counts for more than a short one.</summary>
    MeanOfElements,

    /// <summary>The mean over the sequences of each one's own mean.</summary>
    MeanOfSequences,
}
