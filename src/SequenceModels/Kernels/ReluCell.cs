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
        L zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < row.EndUnit; j += ILanes<L>.Count)
        {
            L gamma = L.Load(row.Input + j) + L.Load(row.Recurrent + j);
            L.Store(L.SelectLess(gamma, zero, zero, gamma), row.Hidden + j);
        }
    }

    /// <summary>dgamma = dh where h is above 0, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        float* output = row.OutputGradient;
        L zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < row.EndUnit; j += ILanes<L>.Count)
        {
            L dh = L.Load(row.HiddenGradient + j);
            if (output is not null)
                dh += L.Load(output + j);
            L.Store(L.SelectLess(zero, L.Load(row.Hidden + j), dh, zero), row.Trace + j);
            L.Store(zero, row.HiddenGradient + j);
        }
    }
}
