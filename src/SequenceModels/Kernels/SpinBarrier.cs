using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SequenceModels.Kernels;

/// <summary>
/// A meeting point for a fixed number of threads that arrive within microseconds of each other. Waiting spins first, then gives the processor away, then sleeps, so that a thread that the
/// system has set aside costs the others little.
/// </summary>
internal sealed class SpinBarrier
{
    private const int Spins = 2000;
    private const int Yields = 50;
    private readonly object _gate = new();
    private readonly int _parties;
    private Counters _counters;

    /// <param name="parties">Threads that meet, 1 or more.</param>
    public SpinBarrier(int parties)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parties, 1);
        _parties = parties;
    }

    /// <summary>Returns once all threads have called it; what they wrote before is visible to all after.</summary>
    public void SignalAndWait()
    {
        if (_parties == 1)
            return;
        int generation = Volatile.Read(ref _counters.Generation);
        if (Interlocked.Increment(ref _counters.Arrived) == _parties)
        {
            Volatile.Write(ref _counters.Arrived, 0);
            Interlocked.Increment(ref _counters.Generation);
            if (Volatile.Read(ref _counters.Sleepers) > 0)
            {
                lock (_gate)
                    Monitor.PulseAll(_gate);
            }

            return;
        }

        for (int i = 0; i < Spins; i++)
        {
            if (Volatile.Read(ref _counters.Generation) != generation)
                return;
            Thread.SpinWait(1);
        }

        for (int i = 0; i < Yields; i++)
        {
            if (Volatile.Read(ref _counters.Generation) != generation)
                return;
            Thread.Yield();
        }

        Sleep(generation);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Sleep(int generation)
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _counters.Sleepers);
            while (Volatile.Read(ref _counters.Generation) == generation)
                Monitor.Wait(_gate);
            Interlocked.Decrement(ref _counters.Sleepers);
        }
    }

    // On cache lines of their own: a waiting thread must not slow down the one it waits for.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Counters
    {
        [FieldOffset(64)]
        public int Arrived;

        [FieldOffset(128)]
        public int Generation;

        [FieldOffset(192)]
        public int Sleepers;
    }
}
