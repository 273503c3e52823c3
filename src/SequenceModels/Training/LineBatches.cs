using SequenceModels.Layers;
using SequenceModels.Tensors;
using SequenceModels.Text;

namespace SequenceModels.Training;

/// <summary>Lines, each a sequence of its own: read from the end mark on, followed by the end mark. Batches hold lines of similar length.</summary>
internal sealed unsafe class LineBatches : LanguageModelBatches, IPassages
{
    private readonly int[][] _lines;
    private readonly int _end;
    private readonly int[]? _labels;
    private readonly LengthBuckets _buckets;
    private readonly NativeBuffer _labelsOfRows;
    private int _batch;

    /// <param name="lines">The lines.</param>
    /// <param name="tokenizer">Text to tokens; its vocabulary has an end mark.</param>
    /// <param name="batchSize">B.</param>
    /// <param name="longest">Tokens at most of a line and its end mark; the rest of a longer line is cut off.</param>
    /// <param name="shuffleSeed">Seed of the order; <c>null</c>: one order by length.</param>
    /// <param name="labels">Label of each line, or <c>null</c>.</param>
    public LineBatches(IReadOnlyList<string> lines, ITokenizer tokenizer, int batchSize, int longest, long? shuffleSeed, int[]? labels = null)
    {
        (_labels, _labelsOfRows) = (labels, new NativeBuffer(labels is null ? 0 : batchSize));
        _end = tokenizer.Vocabulary.End ?? throw new ArgumentException("The vocabulary has no end mark.", nameof(tokenizer));
        _lines = new int[lines.Count][];
        var lengths = new int[lines.Count];
        for (int i = 0; i < lines.Count; i++)
        {
            int[] tokens = [.. tokenizer.Encode(lines[i]), _end];
            _lines[i] = tokens.Length <= longest ? tokens : tokens[..longest];
            lengths[i] = _lines[i].Length;
        }

        _buckets = new LengthBuckets(lengths, batchSize, shuffleSeed);
    }

    public override int* Labels => _labels is null ? null : (int*)_labelsOfRows.Pointer;

    public override int Count => _buckets.Count;

    public override long TokensPerEpoch => _lines.Sum(line => (long)line.Length);

    public int Passages => _lines.Length;

    public int PassageOf(int b) => _buckets[_batch - 1][b];

    public ReadOnlySpan<int> TargetsOf(int passage) => _lines[passage];

    public long PlaceOf(int passage) => passage;

    public override void BeginEpoch(int epoch)
    {
        _batch = 0;
        _buckets.Arrange(epoch);
    }

    public override void Skip(int batches) => _batch += batches;

    public override bool Next()
    {
        if (_batch >= Count)
            return false;
        var members = _buckets[_batch++];
        var lengths = new int[members.Length];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = _lines[members[i]].Length;
        int time = lengths[0];
        Shape = new SequenceShape(time, members.Length, lengths);
        Reserve();
        TargetCount = 0;
        for (int b = 0; b < members.Length; b++)
        {
            int[] line = _lines[members[b]];
            for (int t = 0; t < time; t++)
            {
                Tokens[t * members.Length + b] = t == 0 ? _end : t < line.Length ? line[t - 1] : 0;
                Targets[t * members.Length + b] = t < line.Length ? line[t] : -1;
            }

            if (_labels is not null)
                Labels[b] = _labels[members[b]];
            TargetCount += line.Length;
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        _labelsOfRows.Dispose();
        base.Dispose(disposing);
    }
}
