using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>Token sequences with labels in batches of similar length.</summary>
internal sealed unsafe class ClassifierBatches : IDisposable
{
    private readonly int[][] _sequences;
    private readonly int[] _labels;
    private readonly LengthBuckets _buckets;
    private readonly NativeBuffer _targets;
    private NativeBuffer _tokens = new(0);
    private int _batch;

    /// <param name="sequences">Tokens of each sequence, 1 or more.</param>
    /// <param name="labels">Label of each sequence.</param>
    /// <param name="batchSize">B.</param>
    /// <param name="shuffleSeed">Seed of the order; <c>null</c>: one order by length.</param>
    public ClassifierBatches(int[][] sequences, int[] labels, int batchSize, long? shuffleSeed)
    {
        (_sequences, _labels, BatchSize) = (sequences, labels, batchSize);
        _buckets = new LengthBuckets([.. sequences.Select(sequence => sequence.Length)], batchSize, shuffleSeed);
        _targets = new NativeBuffer(batchSize);
    }

    /// <summary>B at most.</summary>
    public int BatchSize { get; }

    /// <summary>Batches an epoch.</summary>
    public int Count => _buckets.Count;

    /// <summary>Tokens of all batches of an epoch.</summary>
    public long TokensPerEpoch => _sequences.Sum(sequence => (long)sequence.Length);

    /// <summary>T, B and lengths of the current batch.</summary>
    public SequenceShape Shape { get; private set; } = new(1, 1);

    /// <summary>[T,B].</summary>
    public int* Tokens => (int*)_tokens.Pointer;

    /// <summary>[B].</summary>
    public int* Targets => (int*)_targets.Pointer;

    /// <summary>Which sequence stands in a row of the current batch.</summary>
    public ReadOnlySpan<int> Members => _buckets[_batch - 1];

    /// <summary>Tokens in the current batch.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Starts over.</summary>
    public void BeginEpoch(int epoch)
    {
        _batch = 0;
        _buckets.Arrange(epoch);
    }

    /// <summary>Passes over so many batches.</summary>
    public void Skip(int batches) => _batch += batches;

    /// <summary>Moves to the next batch; <c>false</c> at the end of the epoch.</summary>
    public bool Next()
    {
        if (_batch >= Count)
            return false;
        var members = _buckets[_batch++];
        var lengths = new int[members.Length];
        for (int b = 0; b < lengths.Length; b++)
            lengths[b] = _sequences[members[b]].Length;
        Shape = new SequenceShape(lengths[0], members.Length, lengths);
        if (_tokens.Length < Shape.Rows)
        {
            _tokens.Dispose();
            _tokens = new NativeBuffer(Shape.Rows);
        }

        TokenCount = 0;
        for (int b = 0; b < members.Length; b++)
        {
            int[] sequence = _sequences[members[b]];
            for (int t = 0; t < Shape.Time; t++)
                Tokens[t * members.Length + b] = t < sequence.Length ? sequence[t] : 0;
            Targets[b] = _labels[members[b]];
            TokenCount += sequence.Length;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
        _targets.Dispose();
    }
}
