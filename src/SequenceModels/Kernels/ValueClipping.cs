using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Clipping value by value over a block whose length is a multiple of 16.</summary>
internal static unsafe class ValueClipping
{
    /// <summary>x = min(max(x, -limit), limit); a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* x, long length, float limit)
        where L : struct, ILanes<L>
    {
        L highest = L.Broadcast(limit), lowest = L.Broadcast(-limit);
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L value = L.Load(x + j);
            value = L.SelectLess(value, lowest, lowest, value);
            L.Store(L.SelectLess(highest, value, highest, value), x + j);
        }
    }
}
