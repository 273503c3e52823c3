using System.Text.Json;

namespace SequenceModels.Data;

/// <summary>The rows of JSON lines.</summary>
internal sealed class JsonRows(CheckedUtf8Stream source, DatasetOptions options, RowGate gate)
{
    private static readonly JsonReaderOptions s_readerOptions = new() { MaxDepth = 64 };

    private readonly HashSet<string> _otherMembers = [];
    private byte[] _text = new byte[4096];
    private byte[] _label = new byte[4096];

    public void Read()
    {
        var lines = new LineSplitter(source);
        while (lines.TryRead(out var line))
        {
            if (lines.IsTooLong)
            {
                gate.AddFault(lines.Line, DatasetFaultCode.RowTooLong, RowReader.RowTooLong("line"));
            }
            else if (!RowGate.IsBlank(line))
            {
                ReadRow(lines.Line, line);
            }
        }
    }

    private void ReadRow(long line, ReadOnlySpan<byte> json)
    {
        // -1: the member was not seen. -2: it is not a string, which has been reported.
        var (textLength, labelLength) = (-1, -1);
        try
        {
            var reader = new Utf8JsonReader(json, s_readerOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                gate.AddFault(line, DatasetFaultCode.InvalidJson, "The line is not a JSON object.");
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals(options.TextName))
                {
                    textLength = ReadMember(line, ref reader, options.TextName, ref _text, textLength);
                }
                else if (reader.ValueTextEquals(options.LabelName))
                {
                    labelLength = ReadMember(line, ref reader, options.LabelName, ref _label, labelLength);
                }
                else
                {
                    ReadOther(line, ref reader);
                }
            }

            reader.Read();      // throws if something follows the object
        }
        catch (JsonException exception)
        {
            gate.AddFault(line, DatasetFaultCode.InvalidJson, $"The line is not valid JSON: see byte {exception.BytePositionInLine + 1}.");
            return;
        }
        catch (InvalidOperationException)
        {
            // What Utf8JsonReader throws for an escaped half of a surrogate pair, when its text is asked for.
            gate.AddFault(line, DatasetFaultCode.InvalidJson, "A string holds one half of a surrogate pair.");
            return;
        }

        AddRow(line, textLength, labelLength);
    }

    private int ReadMember(long line, ref Utf8JsonReader reader, string name, ref byte[] destination, int before)
    {
        reader.Read();
        if (before != -1)
        {
            gate.AddFault(line, DatasetFaultCode.InvalidJson, $"The member '{name}' is given twice.");
            reader.Skip();
            return -2;
        }

        if (reader.TokenType == JsonTokenType.Null)
        {
            return -1;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            gate.AddFault(line, DatasetFaultCode.WrongType, $"The member '{name}' is not a string.");
            reader.Skip();
            return -2;
        }

        if (destination.Length < reader.ValueSpan.Length)
        {
            destination = new byte[Math.Max(2 * destination.Length, reader.ValueSpan.Length)];
        }

        return reader.CopyString(destination);
    }

    private void ReadOther(long line, ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > DatasetLimits.ColumnNameBytes)
        {
            gate.AddFault(line, DatasetFaultCode.ColumnNameTooLong, $"The name of a member has {reader.ValueSpan.Length} bytes; at most {DatasetLimits.ColumnNameBytes} are allowed.");
        }
        else
        {
            AddOtherMember(line, ref reader);
        }

        reader.Read();
        reader.Skip();
    }

    private void AddOtherMember(long line, ref Utf8JsonReader reader)
    {
        Span<char> name = stackalloc char[DatasetLimits.ColumnNameBytes];
        name = name[..reader.CopyString(name)];
        var members = _otherMembers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (_otherMembers.Count > DatasetLimits.Columns || !members.Add(name))
        {
            return;
        }

        if (_otherMembers.Count > DatasetLimits.Columns)
        {
            gate.AddFault(line, DatasetFaultCode.TooManyColumns, $"There are more than {DatasetLimits.Columns} different members.");
        }
        else
        {
            gate.Findings.UnusedColumns.Add(name.ToString());
        }
    }

    private void AddRow(long line, int textLength, int labelLength)
    {
        if (textLength == -1)
        {
            gate.AddFault(line, DatasetFaultCode.MissingMember, $"The object has no member '{options.TextName}'.");
        }

        if (labelLength == -1)
        {
            gate.AddFault(line, DatasetFaultCode.MissingMember, $"The object has no member '{options.LabelName}'.");
        }

        if (textLength < 0 || labelLength < 0)
        {
            return;
        }

        var text = _text.AsSpan(0, textLength);
        var label = _label.AsSpan(0, labelLength);
        if (text.Contains((byte)0) || label.Contains((byte)0))
        {
            gate.AddFault(line, DatasetFaultCode.NulCharacter, "A string holds a NUL character (U+0000).");
            return;
        }

        gate.AddLabelled(line, text, label);
    }
}
