using System.Diagnostics;
using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Benchmarks;

/// <summary>Times the matrix products of training on all threads at once, each with data of its own, and prints the share of the machine's peak that each shape reaches.</summary>
internal static unsafe class ProductsCommand
{
    public static int Run(int threads)
    {
        double peak = FusedMultiplyAddPeak.Measure(threads);
        Console.WriteLine(FormattableString.Invariant($"peak of {threads} threads {peak / 1e9:F0} GFLOP/s"));
        foreach (int h in (int[])[64, 128, 256, 512, 1024])
        {
            foreach (int rows in (int[])[1, 8, 16, 32, 64])
                Report($"recurrent forward   H={h} rows={rows}", threads, peak, () => Product(rows, h, 4 * h));
            foreach (int rows in (int[])[16, 32])
                Report($"recurrent backward  H={h} rows={rows}", threads, peak, () => Product(rows, 4 * h, h));
            Report($"input, all steps    H={h}", threads, peak, () => Product(3200, h, 4 * h));
            Report($"input gradient      H={h}", threads, peak, () => Product(3200, 4 * h, h));
            Report($"weight gradient     H={h}", threads, peak, () => Tall(6400, 4 * h / threads, PackedMatrix.SpreadStride(4 * h), h));
        }

        return 0;
    }

    private static void Report(string name, int threads, double peak, Func<Work> create)
    {
        double[] rates = new double[threads];
        using var barrier = new Barrier(threads);
        var workers = Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            using var work = create();
            work.Step();
            barrier.SignalAndWait();
            double best = double.MaxValue;
            var clock = Stopwatch.StartNew();
            for (int i = 0; i < 5 || clock.Elapsed.TotalSeconds < 0.2; i++)
            {
                long start = Stopwatch.GetTimestamp();
                work.Step();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            rates[t] = work.Operations / best;
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        Console.WriteLine(FormattableString.Invariant($"{name,-36} {rates.Sum() / 1e9,6:F0} GFLOP/s {rates.Sum() / peak,6:P0}"));
    }

    /// <summary>A, C and their strides as a layer has them.</summary>
    private static Work Product(int rows, int depth, int columns)
    {
        int stride = PackedMatrix.SpreadStride(depth), resultStride = PackedMatrix.SpreadStride(columns);
        var a = new NativeBuffer((long)rows * stride);
        var b = new PackedMatrix(depth, columns);
        var c = new NativeBuffer((long)rows * resultStride);
        var bias = new NativeBuffer(columns);
        return new Work(
            2.0 * rows * depth * columns,
            () => KernelSet.Best.Product(a.Pointer, stride, 1, rows, depth, b.Pointer, columns, bias.Pointer, 0, c.Pointer, resultStride, true),
            [a, b, c, bias]);
    }

    private static Work Tall(int depth, int width, int stride, int columns)
    {
        const int block = 256;
        var a = new NativeBuffer((long)depth * stride);
        var x = new NativeBuffer((long)depth * columns);
        var b = new PackedMatrix(block, columns);
        var c = new NativeBuffer((long)width * columns);
        var packing = new NativeBuffer(TallProduct.PackingLength(block));
        return new Work(2.0 * depth * width * columns, Step, [a, b, c, packing]);

        void Step()
        {
            for (int k = 0; k < depth; k += block)
            {
                int count = Math.Min(block, depth - k);
                PackedMatrix.PackRows(b.Pointer, x.Pointer + (long)k * columns, columns, count, columns);
                KernelSet.Best.TallProduct(a.Pointer + (long)k * stride, stride, count, width, b.Pointer, columns, c.Pointer, columns, null, packing.Pointer, x.Pointer + (long)(k + count) * columns, columns);
            }
        }
    }

    private sealed record Work(double Operations, Action Step, IDisposable[] Memory) : IDisposable
    {
        public void Dispose()
        {
            foreach (var memory in Memory)
                memory.Dispose();
        }
    }
}
