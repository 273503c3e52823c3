using System.Buffers.Binary;
using System.Text;

namespace RnnService.Api.Models.Packages;

/// <summary>A part of an archive.</summary>
/// <param name="Name">Its name, ASCII.</param>
/// <param name="Content">What it holds, at its start.</param>
/// <param name="Crc32">The checksum of it.</param>
internal sealed record StoredEntry(string Name, Stream Content, uint Crc32);

/// <summary>
/// Zip archives whose entries are stored, without times, permissions or comments (PKWARE's APPNOTE 6.3, the fields of version 1.0). Everything is known before the first byte: the length of the archive, and that the same
/// entries give the same bytes on any system. The library's own writer knows no length, puts what the system is into the bytes, and writes some of them synchronously, which the server forbids.
/// </summary>
internal static class StoredArchive
{
    private const int LocalHeaderBytes = 30;
    private const int DirectoryHeaderBytes = 46;
    private const int EndBytes = 22;
    private const ushort Version = 10;

    /// <summary>1 January 1980, the first day that the format knows.</summary>
    private const ushort FirstDay = (1 << 5) | 1;

    /// <summary>Bytes of an archive.</summary>
    public static long LengthOf(IReadOnlyList<StoredEntry> entries) => EndBytes + entries.Sum(entry => LocalHeaderBytes + DirectoryHeaderBytes + (2L * entry.Name.Length) + entry.Content.Length);

    /// <summary>Writes an archive of less than 4 GiB.</summary>
    public static async Task WriteAsync(IReadOnlyList<StoredEntry> entries, Stream destination, CancellationToken cancellationToken)
    {
        var directory = new MemoryStream();
        uint offset = 0;
        foreach (var entry in entries)
        {
            byte[] name = Encoding.ASCII.GetBytes(entry.Name), header = LocalHeader(entry);
            await destination.WriteAsync(header, cancellationToken);
            await destination.WriteAsync(name, cancellationToken);
            await entry.Content.CopyToAsync(destination, cancellationToken);
            directory.Write(DirectoryHeader(entry, offset));
            directory.Write(name);
            offset = checked(offset + (uint)header.Length + (uint)name.Length + (uint)entry.Content.Length);
        }

        uint length = (uint)directory.Length;
        directory.Write(End((ushort)entries.Count, length, offset));
        await destination.WriteAsync(directory.ToArray(), cancellationToken);
    }

    private static byte[] LocalHeader(StoredEntry entry)
    {
        byte[] header = new byte[LocalHeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        WriteCommon(header.AsSpan(4), entry);
        return header;
    }

    private static byte[] DirectoryHeader(StoredEntry entry, uint offset)
    {
        byte[] header = new byte[DirectoryHeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x02014b50);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), Version);
        WriteCommon(header.AsSpan(6), entry);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(42), offset);
        return header;
    }

    /// <summary>What both headers say: version needed, flags, method (stored), time, date, checksum, both lengths, and the length of the name. What is left out is 0.</summary>
    private static void WriteCommon(Span<byte> header, StoredEntry entry)
    {
        uint length = checked((uint)entry.Content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], FirstDay);
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], entry.Crc32);
        BinaryPrimitives.WriteUInt32LittleEndian(header[14..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[18..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)entry.Name.Length);
    }

    private static byte[] End(ushort entries, uint directoryBytes, uint directoryOffset)
    {
        byte[] end = new byte[EndBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), entries);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), entries);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), directoryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), directoryOffset);
        return end;
    }
}
