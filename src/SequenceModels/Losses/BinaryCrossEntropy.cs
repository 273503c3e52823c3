using SequenceModels.Kernels;

namespace SequenceModels.Losses;

/// <summary>
/// Cross-entropy of independent yes-or-no outputs from their logits: K = 1 for two classes, K above 1 for any number of labels (docs/equations.md, section 6; PyTorch's
/// <c>BCEWithLogitsLoss</c>).
/// </summary>
internal static unsafe class BinaryCrossEntropy
{
    private const int Block = 1024;

    /// <summary>
    /// loss = w ((1 - y) z + l softplus(-z)), l = 1 + (p - 1) y; dz = w (1 - y - l sigmoid(-z)); each times its row's scale. An element whose target is NaN gives nothing.
    /// </summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="logits">[rows,K] z.</param>
    /// <param name="targets">[rows,K] y, 0..1 (which is not checked), or NaN.</param>
    /// <param name="scales">[rows] of <see cref="RowScales"/>.</param>
    /// <param name="losses">[rows] receives the scaled loss of each row; their sum is the loss.</param>
    /// <param name="gradient">[rows,K] receives the scaled dz; empty: not wanted. May be <paramref name="logits"/>.</param>
    /// <param name="classWeights">[K] w; empty: all 1.</param>
    /// <param name="positiveWeights">[K] p, factor of the part that says yes; empty: all 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(
        KernelSet kernels, ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, ReadOnlySpan<float> scales, Span<float> losses, Span<float> gradient,
        ReadOnlySpan<float> classWeights = default, ReadOnlySpan<float> positiveWeights = default)
    {
        int columns = ElementLosses.Columns(logits, targets, scales, losses, gradient);
        ElementLosses.CheckWeights(classWeights, columns, nameof(classWeights));
        ElementLosses.CheckWeights(positiveWeights, columns, nameof(positiveWeights));
        losses.Clear();
        int row = 0, k = 0;
        float* softplus = stackalloc float[Block], sigmoid = stackalloc float[Block];
        for (int start = 0; start < logits.Length; start += Block)
        {
            int length = Math.Min(Block, logits.Length - start);
            logits.Slice(start, length).CopyTo(new Span<float>(softplus, Block));
            kernels.SoftplusOfMinus(softplus, softplus, sigmoid, length);
            for (int i = 0; i < length; i++)
            {
                float z = logits[start + i], y = targets[start + i];
                float factor = scales[row] * (classWeights.IsEmpty ? 1 : classWeights[k]), weight = positiveWeights.IsEmpty ? 1 : 1 + (positiveWeights[k] - 1) * y;
                bool counts = !float.IsNaN(y) && scales[row] != 0;
                if (counts)
                    losses[row] += factor * ((1 - y) * z + weight * softplus[i]);
                if (!gradient.IsEmpty)
                    gradient[start + i] = counts ? factor * (1 - y - weight * sigmoid[i]) : 0;
                if (++k == columns)
                    (row, k) = (row + 1, 0);
            }
        }
    }
}
