namespace SequenceModels.Tensors;

/// <summary>
/// Bytes that all <see cref="NativeBuffer"/>s of the process hold, and the most that they have held: what <c>GC.GetTotalMemory</c> is for managed memory. Only measured by, never decided by.
/// </summary>
internal static class NativeMemoryUse
{
    private static long _held;
    private static long _peak;

    /// <summary>Bytes held now.</summary>
    public static long Held => Volatile.Read(ref _held);

    /// <summary>Most bytes held at once since the last <see cref="ResetPeak"/>.</summary>
    public static long Peak => Volatile.Read(ref _peak);

    /// <summary>Begins a measurement: the peak is what is held now.</summary>
    public static void ResetPeak() => Volatile.Write(ref _peak, Held);

    /// <summary>Counts an allocation, or with a negative number a release.</summary>
    public static void Add(long bytes)
    {
        long held = Interlocked.Add(ref _held, bytes), peak = Peak;
        while (held > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peak, held, peak);
            if (seen == peak)
                return;
            peak = seen;
        }
    }
}
