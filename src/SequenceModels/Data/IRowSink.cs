namespace SequenceModels.Data;

/// <summary>Takes the sequences that a dataset holds, as UTF-8 without faults.</summary>
internal interface IRowSink
{
    /// <summary>A sequence of its own.</summary>
    /// <param name="line">The line where it starts, from 1.</param>
    /// <param name="text">The text, not empty.</param>
    /// <param name="label">The label; empty where the format has none.</param>
    void AddRow(long line, ReadOnlySpan<byte> text, ReadOnlySpan<byte> label);

    /// <summary>The next part, of whole code points, of one long text.</summary>
    void AddText(ReadOnlySpan<byte> part);
}
