using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SequenceModels.Kernels;

/// <summary>Sixteen lanes to one number by a fixed tree: lane i with lane i + 8, then + 4, + 2, + 1.</summary>
internal static class Fold
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

    /// <summary>Four sums at once, each by the same tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums<L>(L a, L b, L c, L d)
        where L : struct, ILanes<L>
    {
        if (!Sse.IsSupported)
            return Vector128.Create(Sum(a), Sum(b), Sum(c), Sum(d));
        Vector128<float> fourA = L.SumToFour(a), fourB = L.SumToFour(b), fourC = L.SumToFour(c), fourD = L.SumToFour(d);
        Vector128<float> lowAB = Sse.UnpackLow(fourA, fourB), highAB = Sse.UnpackHigh(fourA, fourB), lowCD = Sse.UnpackLow(fourC, fourD), highCD = Sse.UnpackHigh(fourC, fourD);
        var even = Sse.MoveLowToHigh(lowAB, lowCD) + Sse.MoveLowToHigh(highAB, highCD);
        var odd = Sse.MoveHighToLow(lowCD, lowAB) + Sse.MoveHighToLow(highCD, highAB);
        return even + odd;
    }

    /// <summary>The largest lane, by the same tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max<L>(L value)
        where L : struct, ILanes<L>
    {
        var four = L.LargestFour(value);
        var swapped = Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        var two = Vector128.ConditionalSelect(Vector128.LessThan(four, swapped), swapped, four);
        return two.ToScalar() < two.GetElement(1) ? two.GetElement(1) : two.ToScalar();
    }
}
