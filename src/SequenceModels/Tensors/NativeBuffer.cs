using System.Runtime.InteropServices;

namespace SequenceModels.Tensors;

/// <summary>
/// Floats in 64-byte aligned native memory, zero at first, readable 64 bytes past the end.
/// A managed array is not aligned: most 512-bit loads from it would straddle two cache lines.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const nuint Alignment = 64;
    private float* _pointer;

    /// <summary>Allocates <paramref name="length"/> zeros.</summary>
    /// <param name="length">Number of floats, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    /// <exception cref="OutOfMemoryException">The memory is not to be had.</exception>
    public NativeBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        nuint bytes = checked((nuint)length * sizeof(float) + Alignment);
        _pointer = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(_pointer, bytes);
        Length = length;
        GC.AddMemoryPressure((long)bytes);
        NativeMemoryUse.Add((long)bytes);
    }

    /// <summary>Releases the memory of a buffer that nobody disposed of.</summary>
    ~NativeBuffer() => Release();

    /// <summary>Number of floats.</summary>
    public long Length { get; }

    /// <summary>Address of the first float; valid until the buffer is disposed of.</summary>
    internal float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>Part of the buffer.</summary>
    /// <param name="start">Index of the first float.</param>
    /// <param name="length">Number of floats.</param>
    /// <returns>The floats; valid until the buffer is disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the buffer.</exception>
    public Span<float> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new Span<float>(Pointer + start, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_pointer is null)
            return;
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        long bytes = checked(Length * sizeof(float) + (long)Alignment);
        GC.RemoveMemoryPressure(bytes);
        NativeMemoryUse.Add(-bytes);
    }
}
