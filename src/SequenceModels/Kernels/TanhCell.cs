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
        float* x = row.Input, recurrent = row.Recurrent, hidden = row.Hidden;
        int end = row.EndUnit;
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
            L.Store(Exponential.Tanh(L.Load(x + j) + L.Load(recurrent + j)), hidden + j);
    }

    /// <summary>dgamma = dh (1 - h^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        float* output = row.OutputGradient, carried = row.HiddenGradient, hidden = row.Hidden, trace = row.Trace;
        int end = row.EndUnit;
        L one = L.Broadcast(1), zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L h = L.Load(hidden + j), dh = L.Load(carried + j);
            if (output is not null)
                dh += L.Load(output + j);
            L.Store(dh * (one - h * h), trace + j);
            L.Store(zero, carried + j);
        }
    }
}
