using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SequenceModels.Kernels;

/// <summary><see cref="Int8PanelScalar"/> in four 128-bit vectors.</summary>
internal readonly unsafe struct Int8Panel128(Vector128<int> first, Vector128<int> second, Vector128<int> third, Vector128<int> fourth) : IPanelLanes<Int8Panel128>
{
    private readonly Vector128<int> _first = first;
    private readonly Vector128<int> _second = second;
    private readonly Vector128<int> _third = third;
    private readonly Vector128<int> _fourth = fourth;

    public static bool WideTiles => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel128 Begin(float* initial) => new(Vector128<int>.Zero, Vector128<int>.Zero, Vector128<int>.Zero, Vector128<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel128 Load(byte* weights)
    {
        Vector128<sbyte> low = Vector128.Load((sbyte*)weights), high = Vector128.Load((sbyte*)weights + 16);
        return new(Vector128.WidenLower(low).AsInt32(), Vector128.WidenUpper(low).AsInt32(), Vector128.WidenLower(high).AsInt32(), Vector128.WidenUpper(high).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel128 Broadcast(uint* step)
    {
        var all = Vector128.Create((int)*step);
        return new(all, all, all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel128 MultiplyAdd(Int8Panel128 left, Int8Panel128 weights, Int8Panel128 sums) => new(
        sums._first + Pairs(left._first, weights._first),
        sums._second + Pairs(left._second, weights._second),
        sums._third + Pairs(left._third, weights._third),
        sums._fourth + Pairs(left._fourth, weights._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End(Int8Panel128 sums, float* initial, float* scales, float rowScale, float* destination)
    {
        Store(sums._first, initial, scales, rowScale, destination, 0);
        Store(sums._second, initial, scales, rowScale, destination, 4);
        Store(sums._third, initial, scales, rowScale, destination, 8);
        Store(sums._fourth, initial, scales, rowScale, destination, 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> sums, float* initial, float* scales, float rowScale, float* destination, int at)
    {
        var start = initial is null ? Vector128<float>.Zero : Vector128.Load(initial + at);
        Vector128.Store(Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(sums), Vector128.Load(scales + at) * Vector128.Create(rowScale), start), destination + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pairs(Vector128<int> left, Vector128<int> right) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16())
        : ((left << 16) >> 16) * ((right << 16) >> 16) + (left >> 16) * (right >> 16);
}
