using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Tensors;
using SequenceModels.Tests.Exactness;

namespace SequenceModels.Tests.Kernels;

/// <summary>Every kernel gives the scalar definition's bits at every width and length, and touches nothing past its ends.</summary>
public sealed unsafe class KernelExactnessTests
{
    private static readonly KernelSet Scalar = KernelSet.For(SimdWidth.Scalar);

    public static TheoryData<int> Widths => [4, 8, 16];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Elementwise_kernels_agree_at_every_length(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        for (int length = 0; length <= 256; length++)
        {
            using var source = Filled(length, 1);
            foreach (var function in Enum.GetValues<ElementwiseFunction>())
                Agree(length, source, (set, x, y) => set.Map(function, x, y, length), kernels);
            Agree(length, source, (set, x, y) => set.Add(x, y, length), kernels);
            Agree(length, source, (set, x, y) => set.Multiply(y, x, y, length), kernels);
            Agree(length, source, (set, x, y) => set.Maximum(x, y, null, 0, length), kernels);
            using var scalarBest = Filled(length, 25);
            using var best = Filled(length, 25);
            Agree(length, source, (set, x, y) => set.Maximum(x, (set == Scalar ? scalarBest : best).Pointer, y, 7, length), kernels);
            Assert.Equal(scalarBest.Values, best.Values);
            Agree(length & -16, source, (set, _, y) => set.Scale(0.3f, y, length & -16), kernels);
            Assert.Equal(Scalar.SumOfSquares(source.Pointer, length), kernels.SumOfSquares(source.Pointer, length));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Adam_agrees_at_every_length(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        var constants = new AdamUpdate.Constants(0.5f, 0.9f, 0.999f, 0.01f, 3.2f, 1e-8f);
        for (int length = 0; length <= 256; length++)
        {
            float[][] results = [.. new[] { Scalar, kernels }.Select(set =>
            {
                using GuardedMemory values = Filled(length, 2), gradients = Filled(length, 3), first = Filled(length, 4), second = Filled(length, 5);
                foreach (ref float v in second.Values)
                    v = Math.Abs(v);
                set.Adam(values.Pointer, gradients.Pointer, first.Pointer, second.Pointer, length, constants);
                Assert.All(gradients.Values.ToArray(), g => Assert.Equal(0, g));
                return values.Values.ToArray().Concat(first.Values.ToArray()).Concat(second.Values.ToArray()).ToArray();
            })];
            Assert.Equal(results[0], results[1]);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Softmax_agrees_for_every_vocabulary(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        for (int vocabulary = 1; vocabulary <= 256; vocabulary++)
        {
            int stride = PackedMatrix.PaddedColumns(vocabulary);
            using GuardedMemory logits = Filled(stride, 6), expected = new(stride), got = new(stride);
            logits.Values[vocabulary..].Fill(float.NegativeInfinity);
            float expectedLog = Scalar.SoftmaxForward(logits.Pointer, expected.Pointer, stride);
            float gotLog = kernels.SoftmaxForward(logits.Pointer, got.Pointer, stride);

            Assert.Equal(expectedLog, gotLog);
            Assert.Equal(expected.Values, got.Values);
            Assert.Equal(1, expected.Values.ToArray().Sum(), 1e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Cells_agree_forwards_and_backwards(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        foreach (var cell in KernelRuns.Cells.Values)
        {
            for (int stride = 16; stride <= 256; stride += 16)
                Assert.Equal(CellRuns.All(cell(Scalar), stride), CellRuns.All(cell(kernels), stride));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Products_larger_than_their_blocks_agree(int lanes)
    {
        ProductsAgree(KernelSet.For((SimdWidth)lanes), rows: 31, depth: 600, columns: 40);
        ProductsAgree(KernelSet.For((SimdWidth)lanes), rows: 245, depth: 257, columns: 33);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Tall_products_agree_for_all_edges(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        foreach (int width in Enumerable.Range(1, 27).Append(485))
        {
            foreach (int columns in new[] { 1, 16, 17, 33, 64 })
            {
                foreach (int depth in new[] { 1, 5, 16, 33 })
                    Assert.Equal(TallProduct(Scalar, depth, width, columns), TallProduct(kernels, depth, width, columns));
            }
        }
    }

    [Fact]
    public void A_tall_product_is_the_product_of_the_transpose_and_sums_columns()
    {
        const int depth = 19, width = 30, columns = 21;
        float[] result = TallProduct(KernelSet.Best, depth, width, columns);
        using GuardedMemory a = Filled(depth * width, 21), b = Filled(depth * columns, 22), c = Filled(width * columns, 23), sums = Filled(width, 24);
        for (int m = 0; m < width; m++)
        {
            for (int n = 0; n < columns; n++)
            {
                float sum = c.Values[m * columns + n];
                for (int k = 0; k < depth; k++)
                    sum = MathF.FusedMultiplyAdd(a.Values[k * width + m], b.Values[k * columns + n], sum);
                Assert.Equal(sum, result[m * columns + n]);
            }

            float total = sums.Values[m];
            for (int k = 0; k < depth; k++)
                total += a.Values[k * width + m];
            Assert.Equal(total, result[width * columns + m]);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Matrix_products_agree_for_all_edges(int lanes)
    {
        var kernels = KernelSet.For((SimdWidth)lanes);
        foreach (int rows in Enumerable.Range(0, 27).Append(40))
        {
            foreach (int columns in new[] { 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 127, 128, 129, 160, 256 })
            {
                foreach (int depth in new[] { 0, 1, 2, 7, 33 })
                    ProductsAgree(kernels, rows, depth, columns);
            }
        }
    }

    [Fact]
    public void A_product_is_a_chain_of_fused_multiply_adds_in_the_order_of_k()
    {
        const int rows = 5, depth = 37, columns = 21;
        using GuardedMemory a = Filled(rows * depth, 7), b = Filled(depth * columns, 8), initial = Filled(rows * columns, 9), c = new(rows * columns);
        using var packed = new PackedMatrix(depth, columns);
        packed.Pack(b.Pointer, columns, 1);
        KernelSet.Best.Product(a.Pointer, depth, 1, rows, depth, packed.Pointer, columns, initial.Pointer, columns, c.Pointer, columns, false);

        for (int m = 0; m < rows; m++)
        {
            for (int n = 0; n < columns; n++)
            {
                float sum = initial.Values[m * columns + n];
                for (int k = 0; k < depth; k++)
                    sum = MathF.FusedMultiplyAdd(a.Values[m * depth + k], b.Values[k * columns + n], sum);
                Assert.Equal(sum, c.Values[m * columns + n]);
            }
        }
    }

    [Fact]
    public void Packing_by_rows_and_by_columns_give_the_same_panels()
    {
        foreach (var (depth, columns) in new[] { (1, 1), (3, 40), (17, 16), (20, 33), (5, 80) })
        {
            using GuardedMemory rowMajor = Filled(depth * columns, 10), columnMajor = new(depth * columns);
            for (int k = 0; k < depth; k++)
            {
                for (int n = 0; n < columns; n++)
                    columnMajor.Values[n * depth + k] = rowMajor.Values[k * columns + n];
            }

            using PackedMatrix first = new(depth, columns), second = new(depth, columns);
            using var third = new NativeBuffer(PackedMatrix.Size(depth, columns));
            first.Pack(rowMajor.Pointer, columns, 1);
            second.Pack(columnMajor.Pointer, 1, depth);
            PackedMatrix.PackRows(third.Pointer, rowMajor.Pointer, columns, depth, columns);
            int length = (int)first.Length;
            Assert.Equal(new ReadOnlySpan<float>(first.Pointer, length), new ReadOnlySpan<float>(second.Pointer, length));
            Assert.Equal(new ReadOnlySpan<float>(first.Pointer, length), third.Slice(0, length));
        }
    }

    private static void ProductsAgree(KernelSet kernels, int rows, int depth, int columns)
    {
        int stride = PackedMatrix.PaddedColumns(columns);
        using GuardedMemory a = Filled(rows * depth, 11), b = Filled(depth * columns, 12), bias = Filled(stride, 13);
        using GuardedMemory tight = new(rows * columns), wide = new(rows * stride), expectedTight = new(rows * columns), expectedWide = new(rows * stride);
        using var packed = new PackedMatrix(depth, columns);
        packed.Pack(b.Pointer, columns, 1);
        foreach (var (set, narrow, padded) in new[] { (Scalar, expectedTight, expectedWide), (kernels, tight, wide) })
        {
            // From zero, onto itself, and from a bias; A by rows and A by columns.
            set.Product(a.Pointer, depth, 1, rows, depth, packed.Pointer, columns, null, 0, narrow.Pointer, columns, false);
            set.Product(a.Pointer, 1, rows, rows, depth, packed.Pointer, columns, narrow.Pointer, columns, narrow.Pointer, columns, false);
            set.Product(a.Pointer, depth, 1, rows, depth, packed.Pointer, columns, bias.Pointer, 0, padded.Pointer, stride, true);
        }

        Assert.Equal(expectedTight.Values, tight.Values);
        Assert.Equal(expectedWide.Values, wide.Values);
    }

    private static float[] TallProduct(KernelSet kernels, int depth, int width, int columns)
    {
        using GuardedMemory a = Filled(depth * width, 21), b = Filled(depth * columns, 22), c = Filled(width * columns, 23), sums = Filled(width, 24);
        using var packing = new NativeBuffer(SequenceModels.Kernels.TallProduct.PackingLength(depth));
        using var packed = new PackedMatrix(depth, columns);
        packed.Pack(b.Pointer, columns, 1);
        kernels.TallProduct(a.Pointer, width, depth, width, packed.Pointer, columns, c.Pointer, columns, sums.Pointer, packing.Pointer, null, 0);
        return [.. c.Values, .. sums.Values];
    }

    private static void Agree(int length, GuardedMemory source, Run run, KernelSet kernels)
    {
        using GuardedMemory expected = Filled(length, 18), got = Filled(length, 18);
        run(Scalar, source.Pointer, expected.Pointer);
        run(kernels, source.Pointer, got.Pointer);
        Assert.Equal(expected.Values, got.Values);
    }

    private static GuardedMemory Filled(int length, uint tensor)
    {
        var memory = new GuardedMemory(length);
        var random = new CounterRandom(99, RandomPurpose.Initialization, 0, tensor);
        for (int i = 0; i < length; i++)
            memory.Values[i] = (random.Uniform(i) - 0.5f) * 6;
        return memory;
    }

    private delegate void Run(KernelSet kernels, float* source, float* destination);
}
