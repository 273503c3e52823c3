namespace SequenceModels.Data;

/// <summary>Reads the rows of any format, once, from the first to the last.</summary>
internal static class RowReader
{
    public static void Read(Stream content, DatasetOptions options, IRowSink sink, Findings findings, CancellationToken cancellationToken)
    {
        using var source = new CheckedUtf8Stream(content, findings, cancellationToken);
        var gate = new RowGate(sink, findings);
        if (options.IsLabelled && options.TextName == options.LabelName)
        {
            gate.AddFault(1, DatasetFaultCode.DuplicateColumn, $"Text and label are both to be read from '{options.TextName}'.");
            return;
        }

        switch (options.Format)
        {
            case DatasetFormat.Text:
                ReadText(source, gate);
                break;
            case DatasetFormat.Lines:
                ReadLines(source, gate);
                break;
            case DatasetFormat.Csv or DatasetFormat.Tsv:
                new DelimitedRows(source, options, gate).Read();
                break;
            case DatasetFormat.Jsonl:
                new JsonRows(source, options, gate).Read();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(options), options.Format, "This is no dataset format.");
        }

        gate.Complete();
    }

    internal static string RowTooLong(string unit) => $"The {unit} is over {DatasetLimits.RowBytes} bytes, the most that is allowed.";

    private static void ReadText(CheckedUtf8Stream source, RowGate gate)
    {
        for (var block = source.NextBlock(); !block.IsEmpty; block = source.NextBlock())
        {
            gate.AddText(block.Span);
        }
    }

    private static void ReadLines(CheckedUtf8Stream source, RowGate gate)
    {
        var lines = new LineSplitter(source);
        while (lines.TryRead(out var line))
        {
            if (lines.IsTooLong)
            {
                gate.AddFault(lines.Line, DatasetFaultCode.RowTooLong, RowTooLong("line"));
            }
            else
            {
                gate.AddLine(lines.Line, line);
            }
        }
    }
}
