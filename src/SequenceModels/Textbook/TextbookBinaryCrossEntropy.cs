using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Cross-entropy of independent yes-or-no outputs (one, or one a label), from logits: section 6 of docs/equations.md.</summary>
internal sealed record TextbookBinaryCrossEntropy
{
    /// <summary>w, one factor an output; <c>null</c>: all 1.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>π, one factor an output of the part that says yes; <c>null</c>: all 1.</summary>
    public IReadOnlyList<double>? PositiveWeights { get; init; }

    /// <summary>The loss and its gradient.</summary>
    /// <param name="logits">u [C,N].</param>
    /// <param name="targets">y [C,N], 0..1; whatever stands where the scale is 0 does not count.</param>
    /// <param name="scale">s [C,N], of <see cref="TextbookLossScale"/>.</param>
    /// <returns>L, and ∂L/∂u [C,N].</returns>
    public (double Loss, Matrix<double> DLogits) LossAndGradient(Matrix<double> logits, Matrix<double> targets, Matrix<double> scale)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(scale);
        double Factor(int k, int n) => scale[k, n] * (ClassWeights?[k] ?? 1);
        double Weight(int k, double y) => 1 + ((PositiveWeights?[k] ?? 1) - 1) * y;             // (6.7)

        var losses = logits.MapIndexed((k, n, u) => Count(k, n, y => Factor(k, n) * ((1 - y) * u + Weight(k, y) * Softplus(-u))), Zeros.Include);           // (6.8)
        var dLogits = logits.MapIndexed((k, n, u) => Count(k, n, y => Factor(k, n) * (1 - y - Weight(k, y) / (1 + Math.Exp(u)))), Zeros.Include);            // (6.9) of (6.8)
        return (losses.Enumerate().Sum(), dLogits);

        double Count(int k, int n, Func<double, double> ofTarget) => scale[k, n] == 0 ? 0 : ofTarget(targets[k, n]);
    }

    private static double Softplus(double u) => Math.Log(1 + Math.Exp(-Math.Abs(u))) + Math.Max(u, 0); // (6.6)
}
