using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization;

/// <summary>Writes parameters as a safetensors file (docs/file-formats.md).</summary>
public static class SafetensorsWriter
{
    private const int ChunkFloats = 16_384;

    /// <summary>
    /// Writes names, shapes and values, tensors in ordinal order of their names, values as F32, nothing else: equal parameters give equal bytes.
    /// The header is padded with spaces, so that the data begins on a multiple of 8.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="destination">Receives the file; need not seek, stays open.</param>
    public static void Write(ParameterSet parameters, Stream destination)
    {
        var sorted = parameters.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal).ToArray();
        byte[] header = Header(sorted);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        destination.Write(length);
        destination.Write(header);
        var bytes = new byte[ChunkFloats * sizeof(float)];
        foreach (var parameter in sorted)
            WriteValues(parameter.Values, bytes, destination);
    }

    private static byte[] Header(Parameter[] sorted)
    {
        var content = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(content, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            long offset = 0;
            json.WriteStartObject();
            foreach (var parameter in sorted)
            {
                json.WriteStartObject(parameter.Name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int dimension in parameter.Shape)
                    json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += (long)parameter.Length * sizeof(float));
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

    private static void WriteValues(ReadOnlySpan<float> values, byte[] bytes, Stream destination)
    {
        for (int start = 0; start < values.Length; start += ChunkFloats)
        {
            var chunk = values[start..Math.Min(start + ChunkFloats, values.Length)];
            for (int i = 0; i < chunk.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), chunk[i]);
            destination.Write(bytes, 0, chunk.Length * sizeof(float));
        }
    }
}
