namespace SequenceModels.Data;

/// <summary>Keeps the lines where some sequences start.</summary>
internal sealed class LineSink(HashSet<long> sequences) : IRowSink
{
    private readonly Dictionary<long, long> _lines = [];
    private long _next;

    public void AddText(ReadOnlySpan<byte> part)
    {
    }

    public void AddRow(long line, ReadOnlySpan<byte> text, ReadOnlySpan<byte> label)
    {
        if (sequences.Contains(_next))
        {
            _lines.Add(_next, line);
        }

        _next++;
    }

    public IReadOnlyDictionary<long, long> Complete() => _lines.Count == sequences.Count
        ? _lines
        : throw new ArgumentOutOfRangeException(nameof(sequences), string.Join(", ", sequences.Except(_lines.Keys).Order().Take(10)), $"The dataset has {_next} sequences; these are none.");
}
