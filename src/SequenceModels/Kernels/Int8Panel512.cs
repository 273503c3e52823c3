using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SequenceModels.Kernels;

/// <summary><see cref="Int8PanelScalar"/> in one 512-bit vector.</summary>
internal readonly unsafe struct Int8Panel512(Vector512<int> value) : IPanelLanes<Int8Panel512>
{
    private readonly Vector512<int> _value = value;

    public static bool WideTiles => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel512 Begin(float* initial) => new(Vector512<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel512 Load(byte* weights)
    {
        var packed = Vector256.Load((sbyte*)weights);
        return new(Avx512BW.IsSupported
            ? Avx512BW.ConvertToVector512Int16(packed).AsInt32()
            : Vector512.Create(Vector256.WidenLower(packed), Vector256.WidenUpper(packed)).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel512 Broadcast(uint* step) => new(Vector512.Create((int)*step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Panel512 MultiplyAdd(Int8Panel512 left, Int8Panel512 weights, Int8Panel512 sums)
    {
        if (Avx512BW.IsSupported)
            return new(sums._value + Avx512BW.MultiplyAddAdjacent(left._value.AsInt16(), weights._value.AsInt16()));
        return new(sums._value + ((left._value << 16) >> 16) * ((weights._value << 16) >> 16) + (left._value >> 16) * (weights._value >> 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End(Int8Panel512 sums, float* initial, float* scales, float rowScale, float* destination)
    {
        var start = initial is null ? Vector512<float>.Zero : Vector512.Load(initial);
        var scale = Vector512.Load(scales) * Vector512.Create(rowScale);
        Vector512.Store(Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sums._value), scale, start), destination);
    }
}
