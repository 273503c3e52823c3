using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <summary>Sixteen lanes computed one after another: the definition that the vector widths are held to. Never optimised.</summary>
[InlineArray(16)]
internal unsafe struct LanesScalar : ILanes<LanesScalar>
{
    private float _first;

    public static bool WideTiles => false;

    public static void Prefetch(float* line)
    {
    }

    public static LanesScalar Load(float* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
            result[i] = source[i];
        return result;
    }

    public static LanesScalar LoadBfloat16(ushort* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
            result[i] = BitConverter.Int32BitsToSingle(source[i] << 16);
        return result;
    }

    public static void Store(LanesScalar value, float* destination)
    {
        for (int i = 0; i < 16; i++)
            destination[i] = value[i];
    }

    public static LanesScalar Broadcast(float value)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
            result[i] = value;
        return result;
    }

    public static LanesScalar operator +(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
            left[i] += right[i];
        return left;
    }

    public static LanesScalar operator -(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
            left[i] -= right[i];
        return left;
    }

    public static LanesScalar operator *(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
            left[i] *= right[i];
        return left;
    }

    public static LanesScalar operator /(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
            left[i] /= right[i];
        return left;
    }

    public static LanesScalar FusedMultiplyAdd(LanesScalar left, LanesScalar right, LanesScalar addend)
    {
        for (int i = 0; i < 16; i++)
            left[i] = MathF.FusedMultiplyAdd(left[i], right[i], addend[i]);
        return left;
    }

    public static LanesScalar Sqrt(LanesScalar value)
    {
        for (int i = 0; i < 16; i++)
            value[i] = MathF.Sqrt(value[i]);
        return value;
    }

    public static LanesScalar Abs(LanesScalar value)
    {
        for (int i = 0; i < 16; i++)
            value[i] = MathF.Abs(value[i]);
        return value;
    }

    public static LanesScalar CopySign(LanesScalar magnitude, LanesScalar sign)
    {
        for (int i = 0; i < 16; i++)
            magnitude[i] = MathF.CopySign(magnitude[i], sign[i]);
        return magnitude;
    }

    public static Vector128<float> SumToFour(LanesScalar value)
    {
        for (int half = 8; half > 2; half >>= 1)
        {
            for (int i = 0; i < half; i++)
                value[i] += value[i + half];
        }

        return Vector128.Create(value[0], value[1], value[2], value[3]);
    }

    public static Vector128<float> LargestFour(LanesScalar value)
    {
        for (int half = 8; half > 2; half >>= 1)
        {
            for (int i = 0; i < half; i++)
                value[i] = value[i] < value[i + half] ? value[i + half] : value[i];
        }

        return Vector128.Create(value[0], value[1], value[2], value[3]);
    }

    public static LanesScalar SelectLess(LanesScalar left, LanesScalar right, LanesScalar whenTrue, LanesScalar whenFalse)
    {
        for (int i = 0; i < 16; i++)
            left[i] = left[i] < right[i] ? whenTrue[i] : whenFalse[i];
        return left;
    }

    public static LanesScalar ShiftToPowerOfTwo(LanesScalar value)
    {
        for (int i = 0; i < 16; i++)
            value[i] = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(value[i]) << 23) + 0x3F800000);
        return value;
    }
}
