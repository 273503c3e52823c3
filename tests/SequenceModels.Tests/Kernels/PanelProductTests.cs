using SequenceModels.Kernels;
using SequenceModels.Randomness;

namespace SequenceModels.Tests.Kernels;

/// <summary>Products with weights of few bits give the scalar definition's bits at every width and size, touch nothing past their ends, and are what docs/precision.md says.</summary>
public sealed unsafe class PanelProductTests
{
    private static readonly KernelSet Scalar = KernelSet.For(SimdWidth.Scalar);

    public static TheoryData<int> Widths => [4, 8, 16];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Products_agree_for_every_depth(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        for (int depth = 1; depth <= 256; depth++)
            Agree(kernels, rows: 1 + depth % 6, depth, columns: 48);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Products_agree_for_all_edges(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        foreach (int rows in Enumerable.Range(1, 13))
        {
            foreach (int columns in new[] { 1, 16, 17, 32, 33, 64, 112, 128, 144, 160, 176, 256 })
            {
                foreach (int depth in new[] { 1, 2, 17, 33 })
                    Agree(kernels, rows, depth, columns);
            }
        }
    }

    [Fact]
    public void An_int8_product_is_an_exact_sum_times_the_scales_of_row_and_column()
    {
        const int rows = 5, depth = 37, columns = 32;
        using GuardedMemory a = Filled(rows * depth, 1), b = Filled(depth * columns, 2), initial = Filled(columns, 3);
        float[] got = Int8(KernelSet.Best, a, b, initial, rows, depth, columns);
        for (int m = 0; m < rows; m++)
        {
            var row = a.Values.Slice(m * depth, depth);
            float largest = row.ToArray().Max(MathF.Abs);
            for (int n = 0; n < columns; n++)
            {
                float top = Enumerable.Range(0, depth).Max(k => MathF.Abs(b.Values[k * columns + n]));
                long sum = 0;
                for (int k = 0; k < depth; k++)
                    sum += (long)MathF.Round(row[k] * (2047 / largest)) * (long)MathF.Round(b.Values[k * columns + n] * (127 / top));
                Assert.Equal(MathF.FusedMultiplyAdd(sum, top / 127 * (largest / 2047), initial.Values[n]), got[m * columns + n]);
            }
        }
    }

    [Fact]
    public void A_bfloat16_product_is_the_float_product_with_rounded_weights()
    {
        foreach (int rows in new[] { 1, 4, 7 })
        {
            const int depth = 67, columns = 160;
            using GuardedMemory a = Filled(rows * depth, 1), b = Filled(depth * columns, 2), initial = Filled(columns, 3), expected = new(rows * columns);
            float[] got = Bfloat16(KernelSet.Best, a, b, initial, rows, depth, columns);
            foreach (ref float weight in b.Values)
                weight = Rounded(weight);
            using var packed = new PackedMatrix(depth, columns);
            packed.Pack(b.Pointer, columns, 1);
            KernelSet.Best.Product(a.Pointer, depth, 1, rows, depth, packed.Pointer, columns, initial.Pointer, 0, expected.Pointer, columns, true);

            Assert.Equal(expected.Values.ToArray(), got);
        }
    }

    [Theory]
    [InlineData(0x3F800000u, 0x3F80)] // 1
    [InlineData(0x3F808000u, 0x3F80)] // a tie goes to the even one below
    [InlineData(0x3F818000u, 0x3F82)] // and to the even one above
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x80000000u, 0x8000)] // -0
    [InlineData(0x7F7FFFFFu, 0x7F80)] // the largest float rounds to infinity
    [InlineData(0xFF800000u, 0xFF80)] // -infinity
    [InlineData(0x7F800001u, 0x7FC0)] // a NaN stays one
    public void Weights_are_rounded_to_the_nearest_bfloat16(uint bits, int expected)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        ushort rounded;
        WeightRounding.ToBfloat16(&value, 1, &rounded);
        Assert.Equal(expected, rounded);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_not_hidden_by_rounding(float bad)
    {
        const int rows = 3, depth = 40, columns = 32;
        foreach (int k in new[] { 0, 15, 39 })
        {
            using GuardedMemory a = Filled(rows * depth, 1), b = Filled(depth * columns, 2), initial = Filled(columns, 3);
            a.Values[depth + k] = bad;
            float[] got = Int8(KernelSet.Best, a, b, initial, rows, depth, columns);
            Assert.All(got[columns..(2 * columns)], value => Assert.True(float.IsNaN(value)));
            Assert.All(got[..columns].Concat(got[(2 * columns)..]), value => Assert.True(float.IsFinite(value)));

            a.Values[depth + k] = 0;
            b.Values[k * columns + 5] = bad;
            got = Int8(KernelSet.Best, a, b, initial, rows, depth, columns);
            Assert.All(Enumerable.Range(0, rows * columns), i => Assert.Equal(i % columns == 5, float.IsNaN(got[i])));
        }
    }

    [Fact]
    public void The_longest_sum_does_not_overflow_and_a_longer_one_is_refused()
    {
        const int columns = 16;
        foreach (var kernels in Enum.GetValues<SimdWidth>().Select(KernelSet.For))
        {
            int depth = PanelProduct.MaximumInt8Depth;
            using GuardedMemory a = new(depth + 1), b = new((depth + 1) * columns), initial = new(columns);
            a.Values.Fill(1);
            b.Values.Fill(-1);
            Assert.All(Int8(kernels, a, b, initial, 1, depth, columns), value => Assert.Equal(-depth, value, depth * 1e-6f));
            Assert.Throws<ArgumentOutOfRangeException>(() => Int8(kernels, a, b, initial, 1, depth + 1, columns));
        }
    }

    [Fact]
    public void Rows_and_columns_of_zeros_give_the_initial_values()
    {
        const int rows = 2, depth = 21, columns = 32;
        using GuardedMemory a = Filled(rows * depth, 1), b = Filled(depth * columns, 2), initial = Filled(columns, 3);
        a.Values[..depth].Clear();
        for (int k = 0; k < depth; k++)
            b.Values[k * columns + 7] = 0;
        float[] got = Int8(KernelSet.Best, a, b, initial, rows, depth, columns);
        Assert.Equal(initial.Values.ToArray(), got[..columns]);
        Assert.Equal(initial.Values[7], got[columns + 7]);
        Assert.NotEqual(initial.Values[6], got[columns + 6]);
    }

    private static void Agree(KernelSet kernels, int rows, int depth, int columns)
    {
        using GuardedMemory a = Filled(rows * depth, 1), b = Filled(depth * columns, 2), initial = Filled(PackedMatrix.PaddedColumns(columns), 3);
        foreach (var start in new[] { initial, null })
        {
            Assert.Equal(Bfloat16(Scalar, a, b, start, rows, depth, columns), Bfloat16(kernels, a, b, start, rows, depth, columns));
            Assert.Equal(Int8(Scalar, a, b, start, rows, depth, columns), Int8(kernels, a, b, start, rows, depth, columns));
        }
    }

    private static float[] Bfloat16(KernelSet kernels, GuardedMemory a, GuardedMemory b, GuardedMemory? initial, int rows, int depth, int columns)
    {
        int padded = PackedMatrix.PaddedColumns(columns);
        using var packed = Packed(b, depth, columns);
        using GuardedMemory panels = new(depth * padded / 2), c = new(rows * padded);
        WeightRounding.ToBfloat16(packed.Pointer, packed.Length, (ushort*)panels.Pointer);
        kernels.Bfloat16Product(a.Pointer, depth, rows, depth, (byte*)panels.Pointer, columns, initial is null ? null : initial.Pointer, c.Pointer, padded);
        return c.Values.ToArray();
    }

    private static float[] Int8(KernelSet kernels, GuardedMemory a, GuardedMemory b, GuardedMemory? initial, int rows, int depth, int columns)
    {
        int padded = PackedMatrix.PaddedColumns(columns);
        using var packed = Packed(b, depth, columns);
        using GuardedMemory panels = new((depth + 1) / 2 * 2 * padded / 4), scales = new(padded), c = new(rows * padded);
        WeightRounding.ToInt8(packed.Pointer, depth, padded, (sbyte*)panels.Pointer, scales.Pointer);
        kernels.Int8Product(a.Pointer, depth, rows, depth, (byte*)panels.Pointer, scales.Pointer, columns, initial is null ? null : initial.Pointer, c.Pointer, padded);
        return c.Values.ToArray();
    }

    private static PackedMatrix Packed(GuardedMemory b, int depth, int columns)
    {
        var packed = new PackedMatrix(depth, columns);
        packed.Pack(b.Pointer, columns, 1);
        return packed;
    }

    private static float Rounded(float value)
    {
        ushort half;
        WeightRounding.ToBfloat16(&value, 1, &half);
        return BitConverter.Int32BitsToSingle(half << 16);
    }

    private static GuardedMemory Filled(int length, uint tensor)
    {
        var memory = new GuardedMemory(length);
        var random = new CounterRandom(99, RandomPurpose.Initialization, 0, tensor);
        for (int i = 0; i < length; i++)
            memory.Values[i] = (random.Uniform(i) - 0.5f) * 6;
        return memory;
    }
}
