using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Losses of predicted numbers, section 6 of docs/equations.md.</summary>
internal static class TextbookRegressionLosses
{
    /// <summary>Squared error.</summary>
    /// <param name="predictions">u [C,N].</param>
    /// <param name="targets">y [C,N]; whatever stands where the scale is 0 does not count.</param>
    /// <param name="scale">s [C,N], of <see cref="TextbookLossScale"/>.</param>
    /// <returns>L, and ∂L/∂u [C,N].</returns>
    public static (double Loss, Matrix<double> DPredictions) SquaredError(Matrix<double> predictions, Matrix<double> targets, Matrix<double> scale) =>
        Sum(predictions, targets, scale, e => (e * e, 2 * e)); // (6.10)

    /// <summary>Squared for small errors, linear for large ones (Huber 1964, divided by β; Girshick 2015).</summary>
    /// <param name="predictions">u [C,N].</param>
    /// <param name="targets">y [C,N]; whatever stands where the scale is 0 does not count.</param>
    /// <param name="scale">s [C,N], of <see cref="TextbookLossScale"/>.</param>
    /// <param name="beta">β, where one becomes the other; 0: linear everywhere.</param>
    /// <returns>L, and ∂L/∂u [C,N].</returns>
    public static (double Loss, Matrix<double> DPredictions) SmoothL1(Matrix<double> predictions, Matrix<double> targets, Matrix<double> scale, double beta = 1) =>
        Sum(predictions, targets, scale, e => Math.Abs(e) < beta ? (e * e / (2 * beta), e / beta) : (Math.Abs(e) - beta / 2, Math.Sign(e))); // (6.11)

    private static (double Loss, Matrix<double> DPredictions) Sum(Matrix<double> predictions, Matrix<double> targets, Matrix<double> scale, Func<double, (double Value, double Slope)> ofError)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(scale);
        var losses = predictions.MapIndexed((k, n, u) => scale[k, n] == 0 ? 0 : scale[k, n] * ofError(u - targets[k, n]).Value, Zeros.Include);
        var slopes = predictions.MapIndexed((k, n, u) => scale[k, n] == 0 ? 0 : scale[k, n] * ofError(u - targets[k, n]).Slope, Zeros.Include);
        return (losses.Enumerate().Sum(), slopes);
    }
}
