using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SequenceModels.Kernels;

/// <summary>Sixteen lanes in four 128-bit vectors.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> first, Vector128<float> second, Vector128<float> third, Vector128<float> fourth) : ILanes<Lanes128>
{
    private readonly Vector128<float> _first = first;
    private readonly Vector128<float> _second = second;
    private readonly Vector128<float> _third = third;
    private readonly Vector128<float> _fourth = fourth;

    public static bool WideTiles => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* line)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(Vector128.Load(source), Vector128.Load(source + 4), Vector128.Load(source + 8), Vector128.Load(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBfloat16(ushort* source)
    {
        Vector128<ushort> low = Vector128.Load(source), high = Vector128.Load(source + 8);
        return new(
            (Vector128.WidenLower(low) << 16).AsSingle(),
            (Vector128.WidenUpper(low) << 16).AsSingle(),
            (Vector128.WidenLower(high) << 16).AsSingle(),
            (Vector128.WidenUpper(high) << 16).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, float* destination)
    {
        Vector128.Store(value._first, destination);
        Vector128.Store(value._second, destination + 4);
        Vector128.Store(value._third, destination + 8);
        Vector128.Store(value._fourth, destination + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value)
    {
        var all = Vector128.Create(value);
        return new(all, all, all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 left, Lanes128 right) => new(left._first + right._first, left._second + right._second, left._third + right._third, left._fourth + right._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 left, Lanes128 right) => new(left._first - right._first, left._second - right._second, left._third - right._third, left._fourth - right._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 left, Lanes128 right) => new(left._first * right._first, left._second * right._second, left._third * right._third, left._fourth * right._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 left, Lanes128 right) => new(left._first / right._first, left._second / right._second, left._third / right._third, left._fourth / right._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 FusedMultiplyAdd(Lanes128 left, Lanes128 right, Lanes128 addend) => new(
        Vector128.FusedMultiplyAdd(left._first, right._first, addend._first),
        Vector128.FusedMultiplyAdd(left._second, right._second, addend._second),
        Vector128.FusedMultiplyAdd(left._third, right._third, addend._third),
        Vector128.FusedMultiplyAdd(left._fourth, right._fourth, addend._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Sqrt(Lanes128 value) => new(Vector128.Sqrt(value._first), Vector128.Sqrt(value._second), Vector128.Sqrt(value._third), Vector128.Sqrt(value._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Abs(Lanes128 value) => new(Vector128.Abs(value._first), Vector128.Abs(value._second), Vector128.Abs(value._third), Vector128.Abs(value._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 CopySign(Lanes128 magnitude, Lanes128 sign) => new(
        Vector128.CopySign(magnitude._first, sign._first),
        Vector128.CopySign(magnitude._second, sign._second),
        Vector128.CopySign(magnitude._third, sign._third),
        Vector128.CopySign(magnitude._fourth, sign._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SumToFour(Lanes128 value) => value._first + value._third + (value._second + value._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LargestFour(Lanes128 value)
    {
        var first = Vector128.ConditionalSelect(Vector128.LessThan(value._first, value._third), value._third, value._first);
        var second = Vector128.ConditionalSelect(Vector128.LessThan(value._second, value._fourth), value._fourth, value._second);
        return Vector128.ConditionalSelect(Vector128.LessThan(first, second), second, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectLess(Lanes128 left, Lanes128 right, Lanes128 whenTrue, Lanes128 whenFalse) => new(
        Vector128.ConditionalSelect(Vector128.LessThan(left._first, right._first), whenTrue._first, whenFalse._first),
        Vector128.ConditionalSelect(Vector128.LessThan(left._second, right._second), whenTrue._second, whenFalse._second),
        Vector128.ConditionalSelect(Vector128.LessThan(left._third, right._third), whenTrue._third, whenFalse._third),
        Vector128.ConditionalSelect(Vector128.LessThan(left._fourth, right._fourth), whenTrue._fourth, whenFalse._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftToPowerOfTwo(Lanes128 value)
    {
        var one = Vector128.Create(0x3F800000);
        return new(
            ((value._first.AsInt32() << 23) + one).AsSingle(),
            ((value._second.AsInt32() << 23) + one).AsSingle(),
            ((value._third.AsInt32() << 23) + one).AsSingle(),
            ((value._fourth.AsInt32() << 23) + one).AsSingle());
    }
}
