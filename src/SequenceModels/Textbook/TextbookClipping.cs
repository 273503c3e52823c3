using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Clipping by global norm, section 9 of docs/equations.md (Pascanu et al. 2013).</summary>
public static class TextbookClipping
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
}
