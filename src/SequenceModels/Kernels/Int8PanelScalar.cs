using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// Weights of 8 bits in pairs of k, a left factor of 16 bits: integer sums, exact in any order; at the end float(sum) x (column's scale x row's scale) + initial, one rounding each for the product of
/// the scales and for the fused multiply-add. One lane after another: the definition that the vector widths are held to.
/// </summary>
[InlineArray(16)]
internal unsafe struct Int8PanelScalar : IPanelLanes<Int8PanelScalar>
{
    private int _first;

    public static bool WideTiles => false;

    public static Int8PanelScalar Begin(float* initial) => default;

    public static Int8PanelScalar Load(byte* weights)
    {
        Int8PanelScalar result = default;
        for (int i = 0; i < 16; i++)
            result[i] = (ushort)(short)(sbyte)weights[2 * i] | ((sbyte)weights[2 * i + 1] << 16);
        return result;
    }

    public static Int8PanelScalar Broadcast(uint* step)
    {
        Int8PanelScalar result = default;
        for (int i = 0; i < 16; i++)
            result[i] = (int)*step;
        return result;
    }

    public static Int8PanelScalar MultiplyAdd(Int8PanelScalar left, Int8PanelScalar weights, Int8PanelScalar sums)
    {
        for (int i = 0; i < 16; i++)
            sums[i] += (short)left[i] * (short)weights[i] + (left[i] >> 16) * (weights[i] >> 16);
        return sums;
    }

    public static void End(Int8PanelScalar sums, float* initial, float* scales, float rowScale, float* destination)
    {
        for (int i = 0; i < 16; i++)
            destination[i] = MathF.FusedMultiplyAdd(sums[i], scales[i] * rowScale, initial is null ? 0 : initial[i]);
    }
}
