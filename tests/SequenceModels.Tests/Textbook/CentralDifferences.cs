using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Tests.Textbook;

/// <summary>Gradients from the loss alone: (L(x+h) - L(x-h)) / 2h, entry by entry.</summary>
internal static class CentralDifferences
{
    /// <summary>In double precision this step balances the error of the formula (h²) against rounding (1e-16 / h).</summary>
    public const double Step = 1e-5;

    /// <summary>Relative error that a right gradient stays below (measured: 2e-9); the mistakes tested for are above 0.1.</summary>
    public const double Tolerance = 1e-7;

    /// <summary>∂L/∂<paramref name="at"/>; the matrix is changed in place and restored.</summary>
    public static Matrix<double> Gradient(Func<double> loss, Matrix<double> at) => at.MapIndexed(
        (row, column, value) =>
        {
            at[row, column] = value + Step;
            double above = loss();
            at[row, column] = value - Step;
            double below = loss();
            at[row, column] = value;
            return (above - below) / (2 * Step);
        },
        Zeros.Include);

    /// <summary>Fails if the gradient is not the loss's.</summary>
    public static void AssertGradient(Func<double> loss, Matrix<double> at, Matrix<double> gradient, string what)
    {
        var want = Gradient(loss, at);
        double error = (gradient - want).FrobeniusNorm() / Math.Max(want.FrobeniusNorm(), 1e-3);
        Assert.True(error <= Tolerance, $"{what}: relative error {error}.");
    }
}
