namespace SequenceModels.Kernels;

/// <summary>Rounds packed weights to fewer bits, once when a model is loaded.</summary>
internal static unsafe class WeightRounding
{
    /// <summary>The largest 8-bit weight; -128 is not used.</summary>
    public const int Most = 127;

    /// <summary>Columns whose magnitudes lie below this count as zero: their scale's inverse would not be finite.</summary>
    private const float Smallest = 1e-30f;

    /// <summary>The upper halves of floats, rounded to nearest even; NaN stays NaN.</summary>
    public static void ToBfloat16(float* source, long length, ushort* destination)
    {
        for (long i = 0; i < length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(source[i]);
            destination[i] = float.IsNaN(source[i]) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    /// <summary>
    /// q[k,n] = round(w[k,n] / s_n), nearest even, with s_n = max over k of |w[k,n]| / 127. In panels like those of the source; within them pairs of k, the two weights of a column side by side.
    /// An odd K is filled up with zeros. A column with a value that is not finite has the scale NaN.
    /// </summary>
    /// <param name="source">[K,N] in panels of <see cref="PackedMatrix"/>.</param>
    /// <param name="depth">K.</param>
    /// <param name="columns">N, a multiple of 16.</param>
    /// <param name="destination">[N x K rounded up to 2] receives q.</param>
    /// <param name="scales">[N] receives s.</param>
    public static void ToInt8(float* source, int depth, int columns, sbyte* destination, float* scales)
    {
        for (int column = 0; column < columns; column++)
        {
            int first = column / PackedMatrix.PanelWidth * PackedMatrix.PanelWidth, width = Math.Min(PackedMatrix.PanelWidth, columns - first), within = column - first;
            float* from = source + (long)first * depth + within;
            sbyte* to = destination + (long)first * ((depth + 1) & ~1);
            float max = 0;
            bool finite = true;
            for (int k = 0; k < depth; k++)
            {
                float magnitude = MathF.Abs(from[(long)k * width]);
                finite &= float.IsFinite(magnitude);
                max = MathF.Max(max, magnitude);
            }

            bool nothing = !finite || max < Smallest;
            scales[column] = !finite ? float.NaN : nothing ? 0 : max / Most;
            float factor = nothing ? 0 : Most / max;
            for (int k = 0; k < depth; k++)
                to[(long)(k / 2) * 2 * width + 2 * within + k % 2] = finite ? (sbyte)MathF.Round(from[(long)k * width] * factor) : (sbyte)0;
            if (depth % 2 == 1)
                to[(long)(depth / 2) * 2 * width + 2 * within + 1] = 0;
        }
    }
}
