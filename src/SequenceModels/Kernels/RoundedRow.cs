using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <summary>Rounds a row of floats to integers of 12 bits.</summary>
internal static unsafe class RoundedRow
{
    /// <summary>The largest integer.</summary>
    public const int Most = 2047;

    /// <summary>Rows whose largest magnitude is below this count as zero: their scale's inverse would not be finite.</summary>
    private const float Smallest = 1e-30f;

    /// <summary>1.5 x 2^23: a float of up to 22 bits added to it is rounded to a whole number, nearest even, whose two's complement stands in the low bits of the sum.</summary>
    private const float Shift = 12582912;

    /// <summary>q_k = round(x_k x 2047 / max |x|), nearest even.</summary>
    /// <param name="x">[K] the row.</param>
    /// <param name="depth">K.</param>
    /// <param name="destination">[K rounded up to 16] receives q, zeros past K.</param>
    /// <returns>The scale max |x| / 2047, of which x_k is about q_k times as much; NaN where a value is not finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Round<L>(float* x, int depth, short* destination)
        where L : struct, ILanes<L>
    {
        float* rest = stackalloc float[ILanes<L>.Count];
        float* block = stackalloc float[ILanes<L>.Count];
        int whole = depth & ~(ILanes<L>.Count - 1);
        for (int i = 0; i < ILanes<L>.Count; i++)
            rest[i] = whole + i < depth ? x[whole + i] : 0;

        // A comparison passes NaN over; a sum of x * 0 does not.
        L zero = L.Broadcast(0), tail = L.Load(rest), top = L.Abs(tail), zeros = tail * zero;
        top = L.SelectLess(zero, top, top, zero);
        for (int k = 0; k < whole; k += ILanes<L>.Count)
        {
            L value = L.Load(x + k), magnitude = L.Abs(value);
            top = L.SelectLess(top, magnitude, magnitude, top);
            zeros = L.FusedMultiplyAdd(value, zero, zeros);
        }

        float max = Fold.Max(top);
        bool nothing = max < Smallest;
        L factor = L.Broadcast(nothing ? 0 : Most / max), shift = L.Broadcast(Shift);
        for (int k = 0; k < whole; k += ILanes<L>.Count)
        {
            L.Store(L.Load(x + k) * factor + shift, block);
            Narrow(block, destination + k);
        }

        if (whole < depth)
        {
            L.Store(tail * factor + shift, block);
            Narrow(block, destination + whole);
        }

        return (nothing ? 0 : max / Most) + Fold.Sum(zeros);
    }

    // The low halves of sixteen integers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(float* block, short* destination)
    {
        int* bits = (int*)block;
        Vector128.Store(Vector128.Narrow(Vector128.Load(bits), Vector128.Load(bits + 4)), destination);
        Vector128.Store(Vector128.Narrow(Vector128.Load(bits + 8), Vector128.Load(bits + 12)), destination + 8);
    }
}
