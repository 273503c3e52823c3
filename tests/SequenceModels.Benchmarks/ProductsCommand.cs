using System.Diagnostics;
using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Benchmarks;

/// <summary>Times the matrix product on the shapes of training and prints the share of one core's peak that each reaches.</summary>
internal static unsafe class ProductsCommand
{
    public static int Run()
    {
        double peak = FusedMultiplyAddPeak.Measure(1);
        Console.WriteLine(FormattableString.Invariant($"peak of one core {peak / 1e9:F0} GFLOP/s"));
        foreach (int h in (int[])[64, 128, 256, 512, 1024])
        {
            foreach (int rows in (int[])[1, 8, 16, 32, 64])
                Report($"recurrent forward  H={h} rows={rows}", rows, h, 4 * h, peak);
            foreach (int rows in (int[])[16, 32])
                Report($"recurrent backward H={h} rows={rows}", rows, 4 * h, h, peak);
            Report($"input all steps    H={h}", 1600, h, 4 * h, peak);
        }

        return 0;
    }

    private static void Report(string name, int rows, int depth, int columns, double peak)
    {
        using var a = new NativeBuffer((long)rows * depth);
        using var b = new PackedMatrix(depth, columns);
        using var c = new NativeBuffer((long)rows * columns);
        var kernels = KernelSet.Best;
        double flops = 2.0 * rows * depth * columns, best = double.MaxValue;
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 5 || clock.Elapsed.TotalSeconds < 0.15; i++)
        {
            long start = Stopwatch.GetTimestamp();
            kernels.Product(a.Pointer, depth, 1, rows, depth, b.Pointer, columns, c.Pointer, columns, c.Pointer, columns, true);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        Console.WriteLine(FormattableString.Invariant($"{name,-36} {flops / best / 1e9,6:F0} GFLOP/s {flops / best / peak,6:P0}"));
    }
}
