using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>The candidate and the new state of a GRU with the reset gate before the product: what comes behind the product W_hn (r h_prev), and, backwards, ahead of it. See <see cref="GruResetCell"/>.</summary>
internal readonly unsafe struct GruCandidateCell : ICell
{
    /// <summary>n = tanh(gamma_n) (5.4); h = n + z (h_prev - n) (5.5).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* x = row.Input, recurrent = row.Recurrent, previous = row.PreviousHidden, hidden = row.Hidden, trace = row.Trace;
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L n = Exponential.Tanh(L.Load(x + j) + L.Load(recurrent + 2 * stride + j));
            L.Store(L.FusedMultiplyAdd(L.Load(recurrent + stride + j), L.Load(previous + j) - n, n), hidden + j);
            if (trace is not null)
                L.Store(n, trace + j);
        }
    }

    /// <summary>dgamma_n = dh (1 - z) (1 - n^2) (5.6); dgamma_z = dh (h_prev - n) z (1 - z) (5.7); dh_prev = dh z (5.13), to which the other half adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* trace = row.Trace, previous = row.PreviousHidden, output = row.OutputGradient, carried = row.HiddenGradient;
        L one = L.Broadcast(1);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L n = L.Load(trace + j), z = L.Load(trace + 2 * stride + j);
            L dh = L.Load(carried + j);
            if (output is not null)
                dh += L.Load(output + j);
            L.Store(dh * (one - z) * (one - n * n), trace + j);
            L.Store(dh * (L.Load(previous + j) - n) * (z * (one - z)), trace + 2 * stride + j);
            L.Store(dh * z, carried + j);
        }
    }
}
