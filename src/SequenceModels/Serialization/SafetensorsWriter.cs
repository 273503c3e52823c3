using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization;

/// <summary>Writes parameters as a safetensors file (docs/file-formats.md).</summary>
public static class SafetensorsWriter
{
    /// <summary>
    /// Writes names, shapes and values, tensors in ordinal order of their names, values as F32, nothing else: equal parameters give equal bytes.
    /// The header is padded with spaces, so that the data begins on a multiple of 8.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="destination">Receives the file; need not seek, stays open.</param>
    public static void Write(ParameterSet parameters, Stream destination) =>
        Write(
            [.. parameters.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal).Select(parameter =>
                new SafetensorsBlock(parameter.Name, SafetensorsType.F32, parameter.Shape, stream => SafetensorsBlock.WriteFloats(parameter.Values, stream)))],
            [],
            destination);

    /// <summary>Writes tensors, one after another in the order given, and notes.</summary>
    /// <param name="blocks">The tensors; their names differ.</param>
    /// <param name="metadata">Names and texts of notes.</param>
    /// <param name="destination">Receives the file; need not seek, stays open.</param>
    internal static void Write(IReadOnlyList<SafetensorsBlock> blocks, IReadOnlyList<(string Name, string Text)> metadata, Stream destination)
    {
        byte[] header = Header(blocks, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        destination.Write(length);
        destination.Write(header);
        foreach (var block in blocks)
            block.Write(destination);
    }

    private static byte[] Header(IReadOnlyList<SafetensorsBlock> blocks, IReadOnlyList<(string Name, string Text)> metadata)
    {
        var content = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(content, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach (var (name, text) in metadata)
                    json.WriteString(name, text);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var block in blocks)
            {
                json.WriteStartObject(block.Name);
                json.WriteString("dtype", block.Type.ToString());
                json.WriteStartArray("shape");
                foreach (int dimension in block.Shape)
                    json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += block.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        int padding = -content.WrittenCount & 7;
        content.GetSpan(padding)[..padding].Fill((byte)' ');
        content.Advance(padding);
        return content.WrittenSpan.ToArray();
    }
}
