using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <summary>Sixteen lanes to one number by a fixed tree: lane i with lane i + 8, then + 4, + 2, + 1.</summary>
internal static unsafe class Fold
{
    /// <summary>The sum of all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum<L>(L value)
        where L : struct, ILanes<L>
    {
        var four = L.SumToFour(value);
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
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
