using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>The vanilla RNN with tanh (Elman 1990; docs/equations.md, RNN). One block: the pre-activation.</summary>
internal readonly unsafe struct TanhCell : ICell
{
    /// <summary>h = tanh(gamma).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        for (int j = row.FirstUnit; j < row.EndUnit; j += ILanes<L>.Count)
            L.Store(Exponential.Tanh(L.Load(row.Input + j) + L.Load(row.Recurrent + j)), row.Hidden + j);
    }

    /// <summary>dgamma = dh (1 - h^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        float* output = row.OutputGradient;
        L one = L.Broadcast(1), zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < row.EndUnit; j += ILanes<L>.Count)
        {
            L h = L.Load(row.Hidden + j), dh = L.Load(row.HiddenGradient + j);
            if (output is not null)
                dh += L.Load(output + j);
            L.Store(dh * (one - h * h), row.Trace + j);
            L.Store(zero, row.HiddenGradient + j);
        }
    }
}
