using System.Text;
using System.Text.Json;
using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>Examples that came within a request, as the content of a dataset of their own.</summary>
public sealed class InlineContent
{
    private static readonly Encoding s_strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private InlineContent(DatasetFormat format, byte[] bytes, IReadOnlyList<DatasetFault> faults)
    {
        Format = format;
        Bytes = bytes;
        Faults = faults;
    }

    /// <summary>The format of <see cref="Bytes"/>.</summary>
    public DatasetFormat Format { get; }

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What could not be written in the format; the line is the number of the item, from 1.</summary>
    public IReadOnlyList<DatasetFault> Faults { get; }

    /// <summary>One long text.</summary>
    public static InlineContent OfText(string text) => Of(DatasetFormat.Text, [text], (content, item) => content.Write(s_strict.GetBytes(item)), _ => null);

    /// <summary>Sequences, none of which may hold a line end or be blank.</summary>
    public static InlineContent OfLines(IEnumerable<string> lines) => Of(
        DatasetFormat.Lines,
        lines,
        (content, line) => content.Write(s_strict.GetBytes(line + '\n')),
        line => string.IsNullOrWhiteSpace(line) ? (DatasetFaultCode.EmptyText, "The line is empty.")
            : line.AsSpan().ContainsAny('\r', '\n') ? (DatasetFaultCode.LineBreak, "The line holds a line end; a sequence with line ends can be given as an example with a label, or in a file of JSON lines.")
            : null);

    /// <summary>Labelled sequences.</summary>
    public static InlineContent OfExamples(IEnumerable<LabelledText> examples) => Of(
        DatasetFormat.Jsonl,
        examples,
        (content, example) =>
        {
            // The writer would put U+FFFD for half a surrogate pair instead of refusing it.
            _ = s_strict.GetByteCount(example.Text) + s_strict.GetByteCount(example.Label);
            using (var writer = new Utf8JsonWriter(content, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                writer.WriteStartObject();
                writer.WriteString("text", example.Text);
                writer.WriteString("label", example.Label);
                writer.WriteEndObject();
            }

            content.WriteByte((byte)'\n');
        },
        _ => null);

    private static InlineContent Of<T>(DatasetFormat format, IEnumerable<T> items, Action<MemoryStream, T> write, Func<T, (string Code, string Message)?> faultOrNull)
    {
        using var content = new MemoryStream();
        var faults = new List<DatasetFault>();
        var number = 0;
        foreach (var item in items)
        {
            number++;
            if (faultOrNull(item) is { } fault)
            {
                faults.Add(new DatasetFault(number, fault.Code, fault.Message));
                continue;
            }

            try
            {
                write(content, item);
            }
            catch (EncoderFallbackException)
            {
                faults.Add(new DatasetFault(number, DatasetFaultCode.InvalidEncoding, "The text holds one half of a surrogate pair."));
            }
        }

        return new InlineContent(format, content.ToArray(), faults);
    }
}
