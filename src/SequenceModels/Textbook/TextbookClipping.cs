using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Clipping, section 9 of docs/equations.md: by global norm (Pascanu et al. 2013), or value by value.</summary>
internal static class TextbookClipping
{
    /// <summary>Euclidean length of all gradients taken as one vector.</summary>
    /// <param name="gradients">All of them.</param>
    /// <returns>The norm.</returns>
    public static double GlobalNorm(IEnumerable<Matrix<double>> gradients) =>
        Math.Sqrt(gradients.Sum(gradient => gradient.Enumerate().Sum(value => value * value))); // (9.1)

    /// <summary>Scales all gradients down by one factor if their norm is above <paramref name="maximumNorm"/>.</summary>
    /// <param name="gradients">By name.</param>
    /// <param name="maximumNorm">The norm allowed.</param>
    /// <returns>The gradients to use, and the norm before.</returns>
    public static (IReadOnlyDictionary<string, Matrix<double>> Clipped, double Norm) Clip(IReadOnlyDictionary<string, Matrix<double>> gradients, double maximumNorm)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        double norm = GlobalNorm(gradients.Values);
        double scale = Math.Min(1, maximumNorm / (norm + 1e-6)); // (9.2)
        return (gradients.ToDictionary(g => g.Key, g => g.Value * scale), norm);
    }

    /// <summary>Brings each value of all gradients into ± <paramref name="maximum"/>.</summary>
    /// <param name="gradients">By name.</param>
    /// <param name="maximum">The magnitude allowed.</param>
    /// <returns>The gradients to use.</returns>
    public static IReadOnlyDictionary<string, Matrix<double>> ClipValues(IReadOnlyDictionary<string, Matrix<double>> gradients, double maximum)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        return gradients.ToDictionary(g => g.Key, g => g.Value.Map(value => Math.Clamp(value, -maximum, maximum), Zeros.Include)); // (9.10)
    }
}
