using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Sixteen lanes to one number by a fixed tree: lane i with lane i + 8, then + 4, + 2, + 1.</summary>
internal static unsafe class Fold
{
    /// <summary>The sum of all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum<L>(L value)
        where L : struct, ILanes<L>
    {
        float* lanes = stackalloc float[ILanes<L>.Count];
        L.Store(value, lanes);
        for (int half = 8; half > 0; half >>= 1)
        {
            for (int i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        }

        return lanes[0];
    }

    /// <summary>The largest lane; a NaN lane is passed over unless all are NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max<L>(L value)
        where L : struct, ILanes<L>
    {
        float* lanes = stackalloc float[ILanes<L>.Count];
        L.Store(value, lanes);
        float best = lanes[0];
        for (int i = 1; i < ILanes<L>.Count; i++)
            best = best < lanes[i] ? lanes[i] : best;
        return best;
    }
}
