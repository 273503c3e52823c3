using System.Runtime.CompilerServices;
using SequenceModels.Tensors;

namespace SequenceModels.Kernels;

/// <summary>softplus(-z) = log(1 + e^-z) and its companion sigmoid(-z), as one fixed sequence of IEEE operations.</summary>
internal static unsafe class Softplus
{
    /// <summary>
    /// Both functions of -z over a block of any length. With u = e^-|z|, in (0, 1], log(1 + u) = 2 artanh(s), s = u / (2 + u), by its series to s^17 (s is at most 1/3: truncation below
    /// 2e-10 relative), and max(-z, 0) is added; sigmoid(-|z|) = u / (1 + u). Neither overflows nor loses small values, whatever z.
    /// </summary>
    /// <param name="z">[length] the arguments.</param>
    /// <param name="softplus">[length] receives softplus(-z); may be <paramref name="z"/>.</param>
    /// <param name="sigmoid">[length] receives sigmoid(-z).</param>
    /// <param name="length">Number of elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OfMinus<L>(float* z, float* softplus, float* sigmoid, long length)
        where L : struct, ILanes<L>
    {
        long whole = length & -ILanes<L>.Count;
        for (long j = 0; j < whole; j += ILanes<L>.Count)
            Group<L>(z + j, softplus + j, sigmoid + j);
        if (whole == length)
            return;
        float* rest = stackalloc float[2 * ILanes<L>.Count];
        Memory.Copy(z + whole, rest, length - whole);
        Group<L>(rest, rest, rest + ILanes<L>.Count);
        Memory.Copy(rest, softplus + whole, length - whole);
        Memory.Copy(rest + ILanes<L>.Count, sigmoid + whole, length - whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Group<L>(float* z, float* softplus, float* sigmoid)
        where L : struct, ILanes<L>
    {
        L zero = L.Broadcast(0), one = L.Broadcast(1), argument = L.Load(z);
        L u = Exponential.Exp(zero - L.Abs(argument));
        L s = u / (u + L.Broadcast(2)), square = s * s;
        L series = L.Broadcast(2f / 17);
        for (int power = 15; power >= 1; power -= 2)
            series = L.FusedMultiplyAdd(series, square, L.Broadcast(2f / power));
        L ofMagnitude = u / (u + one);
        L.Store(L.SelectLess(argument, zero, L.FusedMultiplyAdd(s, series, zero - argument), s * series), softplus);
        L.Store(L.SelectLess(argument, zero, one / (u + one), ofMagnitude), sigmoid);
    }
}
