using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// exp, sigmoid and tanh as one fixed sequence of IEEE operations, the same on every machine.
/// Cody and Waite's range reduction x = n ln 2 + r, |r| at most ln 2 / 2, then the Taylor polynomial of e^r - 1 of degree 7
/// (its truncation error at ln 2 / 2 is 5e-9 relative, below half a unit in the last place).
/// </summary>
internal static class Exponential
{
    /// <summary>Below this, exp gives 0: the smallest argument whose result is a normal float.</summary>
    public const float LowestArgument = -87.33654f;

    /// <summary>Arguments are held to this: the largest whose power of two, 2^127, is finite.</summary>
    public const float HighestArgument = 88.0f;

    // Adding 1.5 x 2^23 leaves the nearest integer in the low bits.
    private const float Rounder = 12582912f;
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has few bits, so that n times it is exact (Cephes, expf.c).
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>e^x; 0 below <see cref="LowestArgument"/>, e^<see cref="HighestArgument"/> above it; NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Exp<L>(L x)
        where L : struct, ILanes<L>
    {
        Reduce(x, out L scale, out L minusOne);
        return L.SelectLess(x, L.Broadcast(LowestArgument), L.Broadcast(0), L.FusedMultiplyAdd(scale, minusOne, scale));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Sigmoid<L>(L x)
        where L : struct, ILanes<L>
    {
        L one = L.Broadcast(1);
        Reduce(L.Broadcast(0) - x, out L scale, out L minusOne);
        return one / (one + L.FusedMultiplyAdd(scale, minusOne, scale));
    }

    /// <summary>(1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x. Near 0 the numerator keeps its relative accuracy, as e^y - 1 is never formed by subtraction there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Tanh<L>(L x)
        where L : struct, ILanes<L>
    {
        Reduce(L.Abs(x) * L.Broadcast(-2), out L scale, out L minusOne);
        L difference = L.FusedMultiplyAdd(scale, minusOne, scale - L.Broadcast(1)); // e^-2|x| - 1, in (-1, 0]
        return L.CopySign(difference / (difference + L.Broadcast(2)), x);
    }

    /// <summary>e^x = scale x (1 + minusOne), with scale a power of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce<L>(L x, out L scale, out L minusOne)
        where L : struct, ILanes<L>
    {
        L lowest = L.Broadcast(LowestArgument), highest = L.Broadcast(HighestArgument);
        x = L.SelectLess(x, lowest, lowest, x);
        x = L.SelectLess(highest, x, highest, x);
        L rounder = L.Broadcast(Rounder);
        L shifted = L.FusedMultiplyAdd(x, L.Broadcast(Log2E), rounder);
        L n = shifted - rounder;
        L r = L.FusedMultiplyAdd(n, L.Broadcast(-Ln2High), x);
        r = L.FusedMultiplyAdd(n, L.Broadcast(-Ln2Low), r);

        L p = L.Broadcast(1f / 5040);
        p = L.FusedMultiplyAdd(p, r, L.Broadcast(1f / 720));
        p = L.FusedMultiplyAdd(p, r, L.Broadcast(1f / 120));
        p = L.FusedMultiplyAdd(p, r, L.Broadcast(1f / 24));
        p = L.FusedMultiplyAdd(p, r, L.Broadcast(1f / 6));
        p = L.FusedMultiplyAdd(p, r, L.Broadcast(0.5f));
        minusOne = L.FusedMultiplyAdd(p, r * r, r);
        scale = L.ShiftToPowerOfTwo(shifted);
    }
}
