using SequenceModels.Randomness;

namespace SequenceModels.Training;

/// <summary>
/// Batches of sequences of similar length in a random order: the order of an epoch depends on (seed, epoch) alone. Sequences are shuffled, sorted by
/// length within pools of some batches, cut into batches, and the batches are shuffled. Within a batch lengths fall.
/// </summary>
internal sealed class LengthBuckets
{
    private const int BatchesAPool = 32;
    private readonly int[] _lengths;
    private readonly int _batchSize;
    private readonly long? _seed;
    private readonly int[] _order;
    private readonly int[] _batches;

    /// <param name="lengths">Length of each sequence.</param>
    /// <param name="batchSize">B.</param>
    /// <param name="seed">Seed of the order; <c>null</c>: all sorted by length.</param>
    public LengthBuckets(int[] lengths, int batchSize, long? seed)
    {
        (_lengths, _batchSize, _seed) = (lengths, batchSize, seed);
        _order = new int[lengths.Length];
        _batches = new int[(lengths.Length + batchSize - 1) / batchSize];
        Arrange(0);
    }

    /// <summary>Number of batches.</summary>
    public int Count => _batches.Length;

    /// <summary>The sequences of a batch, longest first.</summary>
    public ReadOnlySpan<int> this[int batch]
    {
        get
        {
            int start = _batches[batch] * _batchSize;
            return _order.AsSpan(start, Math.Min(_batchSize, _order.Length - start));
        }
    }

    /// <summary>Puts the sequences into the order of an epoch.</summary>
    public void Arrange(int epoch)
    {
        for (int i = 0; i < _order.Length; i++)
            _order[i] = i;
        for (int i = 0; i < _batches.Length; i++)
            _batches[i] = i;
        int pool = _order.Length;
        if (_seed is { } seed)
        {
            var random = new CounterRandom(seed, RandomPurpose.Shuffle, (uint)epoch);
            random.Shuffle(_order.AsSpan());
            (random with { Tensor = 1 }).Shuffle(_batches.AsSpan());
            pool = BatchesAPool * _batchSize;
        }

        for (int start = 0; start < _order.Length; start += pool)
        {
            var part = _order.AsSpan(start, Math.Min(pool, _order.Length - start));
            part.Sort((left, right) => _lengths[left] != _lengths[right] ? _lengths[right].CompareTo(_lengths[left]) : left.CompareTo(right));
        }
    }
}
