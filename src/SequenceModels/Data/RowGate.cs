using System.Text;

namespace SequenceModels.Data;

/// <summary>Lets rows through to the sink that can be learned from, and reports the others.</summary>
internal sealed class RowGate(IRowSink sink, Findings findings)
{
    private readonly HashSet<string> _labels = [];
    private bool _anyRow;

    public Findings Findings => findings;

    public void AddText(ReadOnlySpan<byte> part)
    {
        _anyRow |= !IsBlank(part);
        sink.AddText(part);
    }

    public void AddLine(long line, ReadOnlySpan<byte> text)
    {
        if (IsBlank(text))
        {
            return;
        }

        _anyRow = true;
        sink.AddRow(line, text, []);
    }

    public void AddLabelled(long line, ReadOnlySpan<byte> text, ReadOnlySpan<byte> label)
    {
        _anyRow = true;
        var faults = findings.FaultCount;
        if (IsBlank(text))
        {
            findings.AddFault(line, DatasetFaultCode.EmptyText, "The text is empty.");
        }

        if (IsBlank(label))
        {
            findings.AddFault(line, DatasetFaultCode.EmptyLabel, "The label is empty.");
        }
        else if (label.Length > DatasetLimits.LabelBytes)
        {
            findings.AddFault(line, DatasetFaultCode.LabelTooLong, $"The label has {label.Length} bytes; at most {DatasetLimits.LabelBytes} are allowed. Are text and label exchanged?");
        }
        else
        {
            CountLabel(line, label);
        }

        if (findings.FaultCount == faults)
        {
            sink.AddRow(line, text, label);
        }
    }

    /// <summary>Tells the gate that a row was there, although faulty.</summary>
    public void AddFault(long line, string code, string message)
    {
        _anyRow = true;
        findings.AddFault(line, code, message);
    }

    /// <summary>Reports a dataset that holds nothing.</summary>
    public void Complete()
    {
        if (!_anyRow)
        {
            findings.AddFault(1, DatasetFaultCode.NoData, "There is no text in it.");
        }
    }

    public static bool IsBlank(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (!Rune.IsWhiteSpace(rune))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    private void CountLabel(long line, ReadOnlySpan<byte> label)
    {
        Span<char> characters = stackalloc char[DatasetLimits.LabelBytes];
        var name = characters[..Encoding.UTF8.GetChars(label, characters)];
        var labels = _labels.GetAlternateLookup<ReadOnlySpan<char>>();
        if (labels.Contains(name) || _labels.Count > DatasetLimits.Labels)
        {
            return;
        }

        labels.Add(name);
        if (_labels.Count > DatasetLimits.Labels)
        {
            findings.AddFault(line, DatasetFaultCode.TooManyLabels, $"This row has label number {_labels.Count}; at most {DatasetLimits.Labels} different labels are allowed. Is the right column named as the label?");
        }
    }
}
