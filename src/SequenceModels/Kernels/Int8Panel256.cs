using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SequenceModels.Kernels;

/// <summary><see cref="Int8PanelScalar"/> in two 256-bit vectors.</summary>
internal readonly unsafe struct Int8Panel256(Vector256<int> low, Vector256<int> high) : IPanelLanes<Int8Panel256>
{
    private readonly Vector256<int> _low = low;
    private readonly Vector256<int> _high = high;

    public static bool WideTiles => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel256 Begin(float* initial) => new(Vector256<int>.Zero, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel256 Load(byte* weights) => new(Widen((sbyte*)weights), Widen((sbyte*)weights + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel256 Broadcast(uint* step)
    {
        var all = Vector256.Create((int)*step);
        return new(all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel256 MultiplyAdd(Int8Panel256 left, Int8Panel256 weights, Int8Panel256 sums) =>
        new(sums._low + Pairs(left._low, weights._low), sums._high + Pairs(left._high, weights._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End(Int8Panel256 sums, float* initial, float* scales, float rowScale, float* destination)
    {
        var row = Vector256.Create(rowScale);
        var low = initial is null ? Vector256<float>.Zero : Vector256.Load(initial);
        var high = initial is null ? Vector256<float>.Zero : Vector256.Load(initial + 8);
        Vector256.Store(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sums._low), Vector256.Load(scales) * row, low), destination);
        Vector256.Store(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sums._high), Vector256.Load(scales + 8) * row, high), destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Widen(sbyte* weights)
    {
        var packed = Vector128.Load(weights);
        return Avx2.IsSupported
            ? Avx2.ConvertToVector256Int16(packed).AsInt32()
            : Vector256.Create(Vector128.WidenLower(packed), Vector128.WidenUpper(packed)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pairs(Vector256<int> left, Vector256<int> right) => Avx2.IsSupported
        ? Avx2.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16())
        : ((left << 16) >> 16) * ((right << 16) >> 16) + (left >> 16) * (right >> 16);
}
