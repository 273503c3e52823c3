using System.Buffers.Binary;
using System.Text;

namespace SequenceModels.Tests.Serialization;

/// <summary>Hand-made safetensors files, good and bad.</summary>
internal static class SafetensorsFiles
{
    /// <summary>A file of any header text and data.</summary>
    public static byte[] Of(string header, byte[] data) => Of((ulong)Encoding.UTF8.GetByteCount(header), Encoding.UTF8.GetBytes(header), data);

    /// <summary>A file of any stated header length, header and data.</summary>
    public static byte[] Of(ulong headerLength, byte[] header, byte[] data)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, headerLength);
        return [.. prefix, .. header, .. data];
    }

    /// <summary>A header entry.</summary>
    public static string Entry(string name, string type, string shape, long begin, long end) =>
        $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}";
}
