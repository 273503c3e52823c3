using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SequenceModels.Benchmarks;

/// <summary>How many fused multiply-adds this machine can do: sixteen independent chains in registers, on every thread at once. The roof of any matrix product here.</summary>
internal static class FusedMultiplyAddPeak
{
    private const int Rounds = 7;
    private const int Iterations = 4_000_000;

    /// <summary>The best of several rounds, in floating-point operations a second (a fused multiply-add counts as two), of all threads together.</summary>
    public static double Measure(int threads)
    {
        double best = 0;
        for (int round = 0; round < Rounds; round++)
        {
            using var barrier = new Barrier(threads + 1);
            var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
            {
                barrier.SignalAndWait();
                Chains(Iterations);
                barrier.SignalAndWait();
            })).ToList();
            workers.ForEach(worker => worker.Start());
            barrier.SignalAndWait();
            long start = Stopwatch.GetTimestamp();
            barrier.SignalAndWait();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            workers.ForEach(worker => worker.Join());
            best = Math.Max(best, threads * (double)Iterations * 16 * Lanes * 2 / seconds);
        }

        return best;
    }

    private static int Lanes => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    private static float Chains(int iterations) =>
        Vector512.IsHardwareAccelerated ? Chains512(iterations) : Vector256.IsHardwareAccelerated ? Chains256(iterations) : Chains128(iterations);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains512(int iterations)
    {
        Vector512<float> x = Vector512.Create(0.5f), y = Vector512.Create(0.25f);
        Vector512<float> a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x, a10 = x, a11 = x, a12 = x, a13 = x, a14 = x, a15 = x;
        for (int i = 0; i < iterations; i++)
        {
            a0 = Vector512.FusedMultiplyAdd(x, a0, y);
            a1 = Vector512.FusedMultiplyAdd(x, a1, y);
            a2 = Vector512.FusedMultiplyAdd(x, a2, y);
            a3 = Vector512.FusedMultiplyAdd(x, a3, y);
            a4 = Vector512.FusedMultiplyAdd(x, a4, y);
            a5 = Vector512.FusedMultiplyAdd(x, a5, y);
            a6 = Vector512.FusedMultiplyAdd(x, a6, y);
            a7 = Vector512.FusedMultiplyAdd(x, a7, y);
            a8 = Vector512.FusedMultiplyAdd(x, a8, y);
            a9 = Vector512.FusedMultiplyAdd(x, a9, y);
            a10 = Vector512.FusedMultiplyAdd(x, a10, y);
            a11 = Vector512.FusedMultiplyAdd(x, a11, y);
            a12 = Vector512.FusedMultiplyAdd(x, a12, y);
            a13 = Vector512.FusedMultiplyAdd(x, a13, y);
            a14 = Vector512.FusedMultiplyAdd(x, a14, y);
            a15 = Vector512.FusedMultiplyAdd(x, a15, y);
        }

        return Vector512.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains256(int iterations)
    {
        Vector256<float> x = Vector256.Create(0.5f), y = Vector256.Create(0.25f);
        Vector256<float> a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x, a10 = x, a11 = x;
        for (int i = 0; i < iterations; i++)
        {
            a0 = Vector256.FusedMultiplyAdd(x, a0, y);
            a1 = Vector256.FusedMultiplyAdd(x, a1, y);
            a2 = Vector256.FusedMultiplyAdd(x, a2, y);
            a3 = Vector256.FusedMultiplyAdd(x, a3, y);
            a4 = Vector256.FusedMultiplyAdd(x, a4, y);
            a5 = Vector256.FusedMultiplyAdd(x, a5, y);
            a6 = Vector256.FusedMultiplyAdd(x, a6, y);
            a7 = Vector256.FusedMultiplyAdd(x, a7, y);
            a8 = Vector256.FusedMultiplyAdd(x, a8, y);
            a9 = Vector256.FusedMultiplyAdd(x, a9, y);
            a10 = Vector256.FusedMultiplyAdd(x, a10, y);
            a11 = Vector256.FusedMultiplyAdd(x, a11, y);
            a0 = Vector256.FusedMultiplyAdd(x, a0, y);
            a1 = Vector256.FusedMultiplyAdd(x, a1, y);
            a2 = Vector256.FusedMultiplyAdd(x, a2, y);
            a3 = Vector256.FusedMultiplyAdd(x, a3, y);
        }

        return Vector256.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains128(int iterations)
    {
        Vector128<float> x = Vector128.Create(0.5f), y = Vector128.Create(0.25f);
        Vector128<float> a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x;
        for (int i = 0; i < 2 * iterations; i++)
        {
            a0 = Vector128.FusedMultiplyAdd(x, a0, y);
            a1 = Vector128.FusedMultiplyAdd(x, a1, y);
            a2 = Vector128.FusedMultiplyAdd(x, a2, y);
            a3 = Vector128.FusedMultiplyAdd(x, a3, y);
            a4 = Vector128.FusedMultiplyAdd(x, a4, y);
            a5 = Vector128.FusedMultiplyAdd(x, a5, y);
            a6 = Vector128.FusedMultiplyAdd(x, a6, y);
            a7 = Vector128.FusedMultiplyAdd(x, a7, y);
        }

        return Vector128.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7);
    }
}
