using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Tensors;
using SequenceModels.Tests.Kernels;

namespace SequenceModels.Tests.Exactness;

/// <summary>Every kernel at every length 0..256 (or every stride, where rows are filled up to 16), on fixed inputs that end where an unreadable page begins: all that it writes.</summary>
internal static unsafe class KernelRuns
{
    private const int Longest = 256;

    private delegate void Kernel(KernelSet kernels, float* source, float* destination, long length);

    /// <summary>What a kernel writes, length by length.</summary>
    public static IReadOnlyDictionary<string, Func<KernelSet, IEnumerable<float>>> All { get; } = Runs();

    /// <summary>The elementwise part of every cell.</summary>
    public static IReadOnlyDictionary<string, Func<KernelSet, CellKernels>> Cells => new Dictionary<string, Func<KernelSet, CellKernels>>
    {
        ["lstm"] = set => set.Lstm,
        ["gru"] = set => set.Gru,
        ["tanh"] = set => set.Tanh,
        ["relu"] = set => set.Relu,
        ["gru reset"] = set => set.GruReset,
        ["gru candidate"] = set => set.GruCandidate,
        ["peephole lstm"] = set => set.PeepholeLstm,
        ["layer norm lstm"] = set => set.LayerNormLstm,
        ["layer norm cell lstm"] = set => set.LayerNormCellLstm,
        ["layer norm gates lstm"] = set => set.LayerNormGatesLstm,
    };

    private static Dictionary<string, Func<KernelSet, IEnumerable<float>>> Runs()
    {
        var runs = new Dictionary<string, Func<KernelSet, IEnumerable<float>>>();
        foreach (var function in Enum.GetValues<ElementwiseFunction>())
            runs[$"map {function}"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Map(function, x, y, length));
        runs["add"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Add(x, y, length));
        runs["multiply"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Multiply(y, x, y, length));
        runs["scale"] = kernels => Elementwise(kernels, (set, _, y, length) => set.Scale(0.3f, y, length & -16));
        runs["sum of squares"] = kernels => Elementwise(kernels, (set, x, y, length) =>
        {
            float sum = set.SumOfSquares(x, length);
            if (length > 0)
                y[0] = sum;
        });
        runs["maximum"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Maximum(x, y, null, 0, length));
        runs["maximum and its place"] = kernels => Elementwise(kernels, Places);
        runs["sum"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Sum(x, y, y, length));
        runs["add scaled"] = kernels => Elementwise(kernels, (set, x, y, length) => set.AddScaled(0.3f, x, y, length));
        runs["tanh backward"] = kernels => Elementwise(kernels, (set, x, y, length) => set.TanhBackward(x, y, length));
        runs["blend"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Blend(null, 0.3f, x, y, length & -16));
        runs["blend by a mask"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Blend(x, 0, x, y, length & -16));
        runs["unblend"] = kernels => Elementwise(kernels, (set, x, y, length) => set.Unblend(x, y, x, length & -16));
        runs["dot"] = kernels => Elementwise(kernels, (set, x, y, length) =>
        {
            float sum = set.Dot(x, y, length);
            if (length > 0)
                y[0] = sum;
        });
        runs["layer normalisation"] = kernels => Lengths(1).Skip(1).SelectMany(length => LayerNorm(kernels, length));
        runs["softplus"] = kernels => Elementwise(kernels, (set, x, y, length) => set.SoftplusOfMinus(x, x, y, length));
        foreach (var (name, run) in UpdateRuns.All)
            runs[name] = run;
        runs["softmax"] = kernels => Lengths(1).Skip(1).SelectMany(vocabulary => Softmax(kernels, vocabulary));
        foreach (var (name, cell) in Cells)
            runs[$"{name} cell"] = kernels => Lengths(16).Skip(1).SelectMany(stride => CellRuns.All(cell(kernels), stride));
        runs["normalised rows"] = kernels => Lengths(16).Skip(1).SelectMany(columns => Normalized(kernels, columns));
        runs["product by columns"] = kernels => Lengths(1).Skip(1).SelectMany(columns => Product(kernels, rows: 5, depth: 3, columns));
        runs["product of one row"] = kernels => Lengths(1).Skip(1).SelectMany(columns => Product(kernels, rows: 1, depth: 7, columns));
        runs["product by rows"] = kernels => Lengths(1).SelectMany(rows => Product(kernels, rows, depth: 3, columns: 19));
        runs["product by depth"] = kernels => Lengths(1).SelectMany(depth => Product(kernels, rows: 3, depth, columns: 21));
        runs["product beyond its blocks"] = kernels => Product(kernels, rows: 31, depth: 600, columns: 40);
        runs["tall product by columns"] = kernels => Lengths(1).Skip(1).SelectMany(columns => TallProduct(kernels, depth: 3, width: 5, columns));
        runs["tall product by width"] = kernels => Lengths(1).Skip(1).SelectMany(width => TallProduct(kernels, depth: 3, width, columns: 19));
        runs["tall product by depth"] = kernels => Lengths(1).Skip(1).SelectMany(depth => TallProduct(kernels, depth, width: 13, columns: 21));
        return runs;
    }

    /// <summary>0..256 in steps.</summary>
    internal static IEnumerable<int> Lengths(int step) => Enumerable.Range(0, Longest / step + 1).Select(count => count * step);

    private static IEnumerable<float> Elementwise(KernelSet kernels, Kernel kernel) => Lengths(1).SelectMany(length =>
    {
        using GuardedMemory source = Filled(length, 1), destination = Filled(length, 2);
        kernel(kernels, source.Pointer, destination.Pointer, length);
        return (float[])[.. source.Values, .. destination.Values];
    });

    /// <summary>Where the greater of two stands, in the destination.</summary>
    private static void Places(KernelSet kernels, float* source, float* destination, long length)
    {
        using var best = Filled((int)length, 3);
        kernels.Maximum(source, best.Pointer, destination, 7, length);
    }

    private static float[] LayerNorm(KernelSet kernels, int length)
    {
        const int rows = 3;
        using GuardedMemory v = Filled(rows * length, 16), gain = Filled(length, 17), shift = Filled(length, 18), dy = Filled(rows * length, 19);
        using GuardedMemory y = new(rows * length), statistics = new(2 * rows), dGain = new(length), dShift = new(length);
        kernels.LayerNormForward(v.Pointer, rows, length, length, gain.Pointer, shift.Pointer, 1e-5f, y.Pointer, statistics.Pointer);
        kernels.LayerNormGradients(v.Pointer, statistics.Pointer, dy.Pointer, rows, length, length, dGain.Pointer, dShift.Pointer);
        kernels.LayerNormBackward(v.Pointer, statistics.Pointer, rows, length, gain.Pointer, dy.Pointer, dy.Pointer);
        return [.. y.Values, .. statistics.Values, .. dy.Values, .. dGain.Values, .. dShift.Values];
    }

    private static float[] Softmax(KernelSet kernels, int vocabulary)
    {
        int stride = PackedMatrix.PaddedColumns(vocabulary);
        using GuardedMemory logits = Filled(stride, 8), probabilities = new(stride);
        logits.Values[vocabulary..].Fill(float.NegativeInfinity);
        float log = kernels.SoftmaxForward(logits.Pointer, probabilities.Pointer, stride);
        return [log, .. probabilities.Values];
    }

    /// <summary>From zero, onto itself with A by columns, and from a bias into padded rows.</summary>
    private static float[] Product(KernelSet kernels, int rows, int depth, int columns)
    {
        int stride = PackedMatrix.PaddedColumns(columns);
        using GuardedMemory a = Filled(rows * depth, 13), b = Filled(depth * columns, 14), bias = Filled(stride, 15), tight = new(rows * columns), padded = new(rows * stride);
        using var packed = new PackedMatrix(depth, columns);
        packed.Pack(b.Pointer, columns, 1);
        kernels.Product(a.Pointer, depth, 1, rows, depth, packed.Pointer, columns, null, 0, tight.Pointer, columns, false);
        kernels.Product(a.Pointer, 1, rows, rows, depth, packed.Pointer, columns, tight.Pointer, columns, tight.Pointer, columns, false);
        kernels.Product(a.Pointer, depth, 1, rows, depth, packed.Pointer, columns, bias.Pointer, 0, padded.Pointer, stride, true);
        return [.. tight.Values, .. padded.Values];
    }

    /// <summary>Onto other rows, and back.</summary>
    private static float[] Normalized(KernelSet kernels, int columns)
    {
        const int rows = 3, padding = 5;
        using GuardedMemory values = Filled(rows * columns, 30), parameters = Filled(3 * columns, 31), gradients = Filled(rows * columns, 32), sums = Filled(2 * columns, 33);
        using GuardedMemory result = new(rows * columns), scales = new(rows);
        kernels.NormalizeRows(values.Pointer, columns, rows, columns, columns - padding, parameters.Pointer, scales.Pointer, result.Pointer, columns);
        kernels.NormalizeRowsBackward(gradients.Pointer, columns, rows, columns, columns - padding, parameters.Pointer, scales.Pointer, values.Pointer, sums.Pointer);
        return [.. values.Values, .. result.Values, .. scales.Values, .. gradients.Values, .. sums.Values];
    }

    private static float[] TallProduct(KernelSet kernels, int depth, int width, int columns)
    {
        using GuardedMemory a = Filled(depth * width, 9), b = Filled(depth * columns, 10), c = Filled(width * columns, 11), sums = Filled(width, 12);
        using var packing = new NativeBuffer(SequenceModels.Kernels.TallProduct.PackingLength(depth));
        using var packed = new PackedMatrix(depth, columns);
        packed.Pack(b.Pointer, columns, 1);
        kernels.TallProduct(a.Pointer, width, depth, width, packed.Pointer, columns, c.Pointer, columns, sums.Pointer, packing.Pointer, null, 0);
        return [.. c.Values, .. sums.Values];
    }

    /// <summary>Memory of numbers from -3 to 3, other ones for each <paramref name="tensor"/>.</summary>
    internal static GuardedMemory Filled(int length, uint tensor)
    {
        var memory = new GuardedMemory(length);
        var random = new CounterRandom(77, RandomPurpose.Initialization, 0, tensor);
        for (int i = 0; i < length; i++)
            memory.Values[i] = (random.Uniform(i) - 0.5f) * 6;
        return memory;
    }
}
