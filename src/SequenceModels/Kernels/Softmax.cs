using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Softmax and its logarithm over one row. Columns past V hold minus infinity, so that whole groups of lanes can be read.</summary>
internal static unsafe class Softmax
{
    /// <summary>
    /// p_j = exp(z_j - max z) / sum over k of exp(z_k - max z). The sum runs over 16 lanes and is folded by <see cref="Fold"/>.
    /// </summary>
    /// <param name="logits">[stride] z, minus infinity from V on.</param>
    /// <param name="probabilities">[stride] receives p; may be <paramref name="logits"/>.</param>
    /// <param name="stride">V rounded up to 16.</param>
    /// <returns>log of the sum of exp(z), in nats: log p_j = z_j minus this.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Forward<L>(float* logits, float* probabilities, int stride)
        where L : struct, ILanes<L>
    {
        L top = L.Load(logits);
        for (int j = ILanes<L>.Count; j < stride; j += ILanes<L>.Count)
        {
            L z = L.Load(logits + j);
            top = L.SelectLess(top, z, z, top);
        }

        float max = Fold.Max(top);
        L shift = L.Broadcast(max), total = L.Broadcast(0);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L e = Exponential.Exp(L.Load(logits + j) - shift);
            total += e;
            L.Store(e, probabilities + j);
        }

        float sum = Fold.Sum(total);
        L scale = L.Broadcast(1 / sum);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
            L.Store(L.Load(probabilities + j) * scale, probabilities + j);
        return max + Logarithm.Log(sum);
    }
}
