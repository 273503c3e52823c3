using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>The vanilla RNN with tanh (Elman 1990; docs/equations.md, RNN). One block: the pre-activation.</summary>
internal readonly unsafe struct TanhCell : ICell
{
    /// <summary>h = tanh(gamma).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(in CellStep row, int j)
        where L : struct, ILanes<L> =>
        L.Store(Exponential.Tanh(L.Load(row.Input + j) + L.Load(row.Recurrent + j)), row.Hidden + j);

    /// <summary>dgamma = dh (1 - h^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>
    {
        L h = L.Load(row.Hidden + j), dh = L.Load(row.HiddenGradient + j);
        if (row.OutputGradient is not null)
            dh += L.Load(row.OutputGradient + j);
        L.Store(dh * (L.Broadcast(1) - h * h), row.Trace + j);
        L.Store(L.Broadcast(0), row.HiddenGradient + j);
    }
}

/// <summary>The vanilla RNN with a rectifier (Le, Jaitly, Hinton 2015).</summary>
internal readonly unsafe struct ReluCell : ICell
{
    /// <summary>h = max(0, gamma).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>
    {
        L gamma = L.Load(row.Input + j) + L.Load(row.Recurrent + j), zero = L.Broadcast(0);
        L.Store(L.SelectLess(gamma, zero, zero, gamma), row.Hidden + j);
    }

    /// <summary>dgamma = dh where h is above 0, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>
    {
        L zero = L.Broadcast(0), dh = L.Load(row.HiddenGradient + j);
        if (row.OutputGradient is not null)
            dh += L.Load(row.OutputGradient + j);
        L.Store(L.SelectLess(zero, L.Load(row.Hidden + j), dh, zero), row.Trace + j);
        L.Store(zero, row.HiddenGradient + j);
    }
}
