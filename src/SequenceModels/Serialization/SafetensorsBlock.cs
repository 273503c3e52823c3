using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SequenceModels.Serialization;

/// <summary>A tensor that is to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">F32 or U8.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Write">Writes its bytes, as many as type and shape tell.</param>
internal readonly record struct SafetensorsBlock(string Name, SafetensorsType Type, IReadOnlyList<int> Shape, Action<Stream> Write)
{
    private const int ChunkFloats = 16_384;

    /// <summary>Bytes of its data.</summary>
    public long Bytes => Shape.Aggregate((long)SafetensorsTypes.BytesOf(Type), (bytes, dimension) => checked(bytes * dimension));

    /// <summary>A tensor of bytes.</summary>
    public static SafetensorsBlock OfBytes(string name, int length, Func<byte[]> bytes) => new(name, SafetensorsType.U8, [length], stream => stream.Write(bytes()));

    /// <summary>Writes numbers, little-endian, chunk by chunk.</summary>
    public static void WriteFloats(ReadOnlySpan<float> values, Stream destination)
    {
        byte[]? swapped = BitConverter.IsLittleEndian ? null : new byte[ChunkFloats * sizeof(float)];
        for (int start = 0; start < values.Length; start += ChunkFloats)
        {
            var chunk = values[start..Math.Min(start + ChunkFloats, values.Length)];
            if (swapped is null)
            {
                destination.Write(MemoryMarshal.AsBytes(chunk));
                continue;
            }

            for (int i = 0; i < chunk.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(swapped.AsSpan(i * sizeof(float)), chunk[i]);
            destination.Write(swapped, 0, chunk.Length * sizeof(float));
        }
    }
}
