using System.Buffers.Binary;
using System.IO.Compression;
using RnnService.Api.Hosting;

namespace RnnService.Api.Models.Packages;

/// <summary>A zip archive of somebody's, of which nothing is believed: it has exactly the entries of a package, and none is read further than it may be long.</summary>
internal sealed class PackageArchive : IDisposable
{
    private const int EndBytes = 22;
    private const uint EndSignature = 0x06054b50;

    /// <summary>The directory of five entries is a few hundred bytes; packers add some of their own.</summary>
    private const int MostDirectoryBytes = 8192;

    private readonly ZipArchive _archive;

    private PackageArchive(ZipArchive archive) => _archive = archive;

    /// <summary>Opens an archive; <c>null</c> with all faults of its directory where it is none of a package.</summary>
    public static PackageArchive? OpenOrNull(FileStream file, List<PackageFault> faults)
    {
        // Before the directory is read, which could tell of millions of entries.
        if (WrongEndOrNull(file) is { } wrong)
        {
            faults.Add(new(PackageFault.Whole, wrong));
            return null;
        }

        ZipArchive? archive = null;
        try
        {
            archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            var names = archive.Entries.Select(entry => entry.FullName).ToList();
            faults.AddRange(names.Where(name => !PackageFormat.Entries.Contains(name)).Select(name => new PackageFault(Problems.Shortened(name), $"is not a part of a package, which has {string.Join(", ", PackageFormat.Entries)}")));
            faults.AddRange(PackageFormat.Entries.Where(name => names.Count(own => own == name) != 1).Select(name => new PackageFault(name, names.Contains(name) ? "stands more than once in the package" : "is missing from the package")));
        }
        catch (InvalidDataException)
        {
            faults.Add(new(PackageFault.Whole, "is not a readable zip archive"));
        }

        if (faults.Count == 0)
            return new PackageArchive(archive!);
        archive?.Dispose();
        return null;
    }

    /// <summary>Copies an entry that may have at most <paramref name="mostBytes"/>, whatever the archive says of its length; the fault where it cannot be.</summary>
    public async Task<PackageFault?> CopyOrFaultAsync(string name, Stream destination, long mostBytes, CancellationToken cancellationToken)
    {
        var entry = _archive.GetEntry(name)!;
        if (entry.Length > mostBytes)
            return TooLong(name, mostBytes);
        byte[] block = new byte[1 << 16];
        long copied = 0;
        try
        {
            await using var content = await entry.OpenAsync(cancellationToken);
            while (await content.ReadAsync(block, cancellationToken) is var length and > 0)
            {
                copied += length;
                if (copied > mostBytes)
                    return TooLong(name, mostBytes);
                await destination.WriteAsync(block.AsMemory(0, length), cancellationToken);
            }

            return null;
        }
        catch (InvalidDataException)
        {
            return new PackageFault(name, "cannot be unpacked: it is cut off, encrypted, or packed in a way that is not read");
        }
    }

    public void Dispose() => _archive.Dispose();

    private static PackageFault TooLong(string name, long mostBytes) => new(name, $"has more than the {mostBytes} bytes that it may have");

    /// <summary>The record at the end must be the last of the file, tell of as many entries as a package has, and of a directory that lies before it and is no larger than theirs.</summary>
    private static string? WrongEndOrNull(FileStream file)
    {
        if (file.Length < EndBytes)
            return "is not a zip archive: it is too short";
        Span<byte> end = stackalloc byte[EndBytes];
        file.Position = file.Length - EndBytes;
        file.ReadExactly(end);
        file.Position = 0;
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndSignature || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != 0)
            return "is not a zip archive, is cut off, or has a comment at its end";
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        if (entries != PackageFormat.Entries.Count)
            return $"has {entries} entries; a package has {PackageFormat.Entries.Count}: {string.Join(", ", PackageFormat.Entries)}";
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        return file.Length - EndBytes - offset is >= 0 and <= MostDirectoryBytes ? null : "has a directory that does not end where the archive does, or is too large for a package's";
    }
}
