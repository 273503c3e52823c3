namespace SequenceModels.Tensors;

/// <summary>
/// An arena for the activations of one step: allocations are bumps of a pointer, freed together by <see cref="Reset"/>.
/// It grows to the largest step seen; after that a step allocates nothing.
/// </summary>
internal sealed unsafe class Workspace : IDisposable
{
    private readonly List<NativeBuffer> _blocks = [];
    private int _current;
    private long _used;

    /// <summary>Bytes held.</summary>
    public long Bytes => _blocks.Sum(block => block.Length) * sizeof(float);

    /// <summary>Room for <paramref name="length"/> floats with undefined contents, 64-byte aligned, rounded up to 16 floats.</summary>
    public float* Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        length = (length + 15) & ~15L;
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

        const long smallest = 1 << 16;
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

    /// <summary>Frees all allocations at once; blocks of several growth steps become one.</summary>
    public void Reset()
    {
        if (_blocks.Count > 1)
        {
            long total = _blocks.Sum(block => block.Length);
            Release();
            _blocks.Add(new NativeBuffer(total));
        }

        _current = 0;
        _used = 0;
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
