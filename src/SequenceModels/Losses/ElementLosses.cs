namespace SequenceModels.Losses;

/// <summary>Losses of predicted numbers, element by element (docs/equations.md, section 6). An element whose target is NaN gives nothing.</summary>
internal static class ElementLosses
{
    /// <summary>Squared error: loss = (u - y)^2, du = 2 (u - y), each times its row's scale (PyTorch's <c>MSELoss</c>).</summary>
    /// <param name="predictions">[rows,K] u.</param>
    /// <param name="targets">[rows,K] y, or NaN.</param>
    /// <param name="scales">[rows] of <see cref="RowScales"/>.</param>
    /// <param name="losses">[rows] receives the scaled loss of each row; their sum is the loss.</param>
    /// <param name="gradient">[rows,K] receives the scaled du; empty: not wanted. May be <paramref name="predictions"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void SquaredError(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets, ReadOnlySpan<float> scales, Span<float> losses, Span<float> gradient) =>
        Run<Square>(new(), predictions, targets, scales, losses, gradient);

    /// <summary>Smooth L1: with e = u - y, loss = e^2 / 2b and du = e / b where |e| is below b, otherwise |e| - b / 2 and the sign of e (PyTorch's <c>SmoothL1Loss</c>).</summary>
    /// <param name="predictions">[rows,K] u.</param>
    /// <param name="targets">[rows,K] y, or NaN.</param>
    /// <param name="scales">[rows] of <see cref="RowScales"/>.</param>
    /// <param name="losses">[rows] receives the scaled loss of each row; their sum is the loss.</param>
    /// <param name="gradient">[rows,K] receives the scaled du; empty: not wanted. May be <paramref name="predictions"/>.</param>
    /// <param name="beta">b, 0 or more; 0: the absolute error.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is negative.</exception>
    public static void SmoothL1(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets, ReadOnlySpan<float> scales, Span<float> losses, Span<float> gradient, float beta = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta);
        Run<Smooth>(new(beta), predictions, targets, scales, losses, gradient);
    }

    /// <summary>K; fails if a length does not fit.</summary>
    internal static int Columns(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets, ReadOnlySpan<float> scales, Span<float> losses, Span<float> gradient)
    {
        int rows = scales.Length;
        if (rows == 0 || predictions.Length % rows != 0 || targets.Length != predictions.Length || losses.Length != rows || gradient.Length != 0 && gradient.Length != predictions.Length)
        {
            throw new ArgumentException(
                $"{predictions.Length} predictions, {targets.Length} targets, {rows} scales, {losses.Length} losses and {gradient.Length} gradients do not fit together.", nameof(predictions));
        }

        return predictions.Length / rows;
    }

    /// <summary>Fails if there are weights, but not one an output.</summary>
    internal static void CheckWeights(ReadOnlySpan<float> weights, int columns, string name)
    {
        if (!weights.IsEmpty && weights.Length != columns)
            throw new ArgumentException($"There are {weights.Length} weights for {columns} outputs.", name);
    }

    private static void Run<E>(E loss, ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets, ReadOnlySpan<float> scales, Span<float> losses, Span<float> gradient)
        where E : struct, IErrorLoss
    {
        int columns = Columns(predictions, targets, scales, losses, gradient);
        for (int row = 0; row < scales.Length; row++)
        {
            float sum = 0;
            for (int i = row * columns; i < (row + 1) * columns; i++)
            {
                float error = predictions[i] - targets[i];
                bool counts = !float.IsNaN(targets[i]) && scales[row] != 0;
                if (counts)
                    sum += loss.Value(error);
                if (!gradient.IsEmpty)
                    gradient[i] = counts ? scales[row] * loss.Slope(error) : 0;
            }

            losses[row] = scales[row] * sum;
        }
    }

    private interface IErrorLoss
    {
        float Value(float error);

        float Slope(float error);
    }

    private readonly struct Square : IErrorLoss
    {
        public float Value(float error) => error * error;

        public float Slope(float error) => 2 * error;
    }

    private readonly struct Smooth(float beta) : IErrorLoss
    {
        public float Value(float error) => MathF.Abs(error) < beta ? error * error / (2 * beta) : MathF.Abs(error) - beta / 2;

        // Not Math.Sign: a NaN must go on, not throw.
        public float Slope(float error) => MathF.Abs(error) < beta ? error / beta : error > 0 ? 1 : error < 0 ? -1 : error;
    }
}
