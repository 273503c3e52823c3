using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>The factor of each element's loss, by which a sum becomes a mean: section 6 of docs/equations.md. Elements whose target is NaN do not count.</summary>
internal static class TextbookLossScale
{
    /// <summary>A plain sum.</summary>
    /// <param name="targets">y [C,N].</param>
    /// <returns>s [C,N].</returns>
    public static Matrix<double> Sum(Matrix<double> targets) => targets.Map(y => double.IsNaN(y) ? 0.0 : 1, Zeros.Include); // (6.12)

    /// <summary>The mean over all elements that count.</summary>
    /// <param name="targets">y [C,N].</param>
    /// <returns>s [C,N].</returns>
    public static Matrix<double> MeanOfElements(Matrix<double> targets)
    {
        var counted = Sum(targets);
        return counted / Math.Max(1, counted.Enumerate().Sum()); // (6.12)
    }

    /// <summary>The mean over the sequences of the means over each one's own elements.</summary>
    /// <param name="targets">y [C,N].</param>
    /// <param name="sequences">The sequence that each column belongs to, from 0; one without an element that counts does not count itself.</param>
    /// <returns>s [C,N].</returns>
    public static Matrix<double> MeanOfSequences(Matrix<double> targets, IReadOnlyList<int> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var counted = Sum(targets);
        var elements = sequences.Zip(counted.ColumnSums()).GroupBy(column => column.First, column => column.Second).ToDictionary(g => g.Key, g => g.Sum());
        int counting = elements.Values.Count(sum => sum > 0);
        return counted.MapIndexed((_, n, one) => one == 0 ? 0 : one / (counting * elements[sequences[n]]), Zeros.Include); // (6.13)
    }
}
