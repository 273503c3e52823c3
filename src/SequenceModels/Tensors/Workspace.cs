namespace SequenceModels.Tensors;

/// <summary>
/// An arena for the activations of one step: allocations are bumps of a pointer, freed together by <see cref="Reset"/>.
/// It grows to exactly the largest step seen; after that a step allocates nothing.
/// </summary>
internal sealed unsafe class Workspace : IDisposable
{
    private readonly List<NativeBuffer> _blocks = [];
    private int _current;
    private long _used;
    private long _needed;

    /// <summary>Bytes held.</summary>
    public long Bytes => _blocks.Sum(block => block.Length) * sizeof(float);

    /// <summary>Room for <paramref name="length"/> floats with undefined contents, 64-byte aligned, rounded up to 16 floats.</summary>
    public float* Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        length = (length + 15) & ~15L;
        _needed += length;
        while (_current < _blocks.Count)
        {
            var block = _blocks[_current];
            if (_used + length <= block.Length)
            {
                float* result = block.Pointer + _used;
                _used += length;
                return result;
            }

            _current++;
            _used = 0;
        }

        const long smallest = 1 << 14;
        _blocks.Add(new NativeBuffer(Math.Max(length, smallest)));
        _used = length;
        return _blocks[_current].Pointer;
    }

    /// <summary>Room for <paramref name="length"/> zeros.</summary>
    public float* AllocateZeroed(long length)
    {
        float* result = Allocate(length);
        Memory.Clear(result, length);
        return result;
    }

    /// <summary>Frees all allocations at once. If they did not fit into one block, the next step gets one of what they needed: growing steps do not pile up.</summary>
    public void Reset()
    {
        if (_blocks.Count > 1)
        {
            Release();
            _blocks.Add(new NativeBuffer(_needed));
        }

        _current = 0;
        _used = 0;
        _needed = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private void Release()
    {
        foreach (var block in _blocks)
            block.Dispose();
        _blocks.Clear();
    }
}
