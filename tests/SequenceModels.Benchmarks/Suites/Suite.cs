using BenchmarkDotNet.Attributes;
using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>What all suites share: their native memory, released at the end, and the count of managed allocations, which has to be none.</summary>
[MemoryDiagnoser]
public abstract unsafe class Suite
{
    private readonly List<IDisposable> _owned = [];

    [GlobalCleanup]
    public void Release()
    {
        _owned.ForEach(item => item.Dispose());
        _owned.Clear();
    }

    private protected static KernelSet Kernels => KernelSet.Best;

    private protected T Own<T>(T item)
        where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }

    /// <summary>Numbers in ± 0.5, the same in each run.</summary>
    private protected float* Numbers(long length)
    {
        float* numbers = Own(new NativeBuffer(length)).Pointer;
        for (long i = 0; i < length; i++)
            numbers[i] = (i * 37 % 101 - 50) / 100f;
        return numbers;
    }
}
