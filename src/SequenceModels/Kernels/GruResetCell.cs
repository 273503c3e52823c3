using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// The gates of a GRU with the reset gate before the product (Cho et al. 2014; docs/equations.md, section 5): what comes ahead of the product W_hn (r h_prev), and, backwards, behind it.
/// Blocks of the input's product: n, r, z; of the recurrent products: r, z and, of the inner one, n; of the trace: n, r, z. <see cref="GruCandidateCell"/> is the other half.
/// </summary>
internal readonly unsafe struct GruResetCell : ICell
{
    /// <summary>r = sigmoid(gamma_r) (5.1), z = sigmoid(gamma_z) (5.2), s = r h_prev (5.3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* x = row.Input, recurrent = row.Recurrent, previous = row.PreviousHidden, reset = row.Reset, trace = row.Trace;
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L r = Exponential.Sigmoid(L.Load(x + stride + j) + L.Load(recurrent + j));
            L z = Exponential.Sigmoid(L.Load(x + 2 * stride + j) + L.Load(recurrent + stride + j));
            L.Store(r * L.Load(previous + j), reset + j);
            L.Store(z, recurrent + stride + j); // for the other half, which has no trace where nothing is trained
            if (trace is null)
                continue;
            L.Store(r, trace + stride + j);
            L.Store(z, trace + 2 * stride + j);
        }
    }

    /// <summary>Given ds (5.8): dgamma_r = ds h_prev r (1 - r) (5.9); dh_prev += ds r (5.13).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* gradient = row.Recurrent + 2 * stride, trace = row.Trace + stride, previous = row.PreviousHidden, carried = row.HiddenGradient;
        L one = L.Broadcast(1);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L r = L.Load(trace + j), ds = L.Load(gradient + j);
            L.Store(ds * L.Load(previous + j) * (r * (one - r)), trace + j);
            L.Store(L.FusedMultiplyAdd(ds, r, L.Load(carried + j)), carried + j);
        }
    }
}
