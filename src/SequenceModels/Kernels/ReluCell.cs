using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>The vanilla RNN with a rectifier (Le, Jaitly, Hinton 2015; docs/equations.md, RNN). One block: the pre-activation.</summary>
internal readonly unsafe struct ReluCell : ICell
{
    /// <summary>h = max(0, gamma).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        float* x = row.Input, recurrent = row.Recurrent, hidden = row.Hidden;
        int end = row.EndUnit;
        L zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L gamma = L.Load(x + j) + L.Load(recurrent + j);
            L.Store(L.SelectLess(gamma, zero, zero, gamma), hidden + j);
        }
    }

    /// <summary>dgamma = dh where h is above 0, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        float* output = row.OutputGradient, carried = row.HiddenGradient, hidden = row.Hidden, trace = row.Trace;
        int end = row.EndUnit;
        L zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L dh = L.Load(carried + j);
            if (output is not null)
                dh += L.Load(output + j);
            L.Store(L.SelectLess(zero, L.Load(hidden + j), dh, zero), trace + j);
            L.Store(zero, carried + j);
        }
    }
}
