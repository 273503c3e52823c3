using System.Security.Cryptography;

namespace RnnService.Api.Models.Packages;

/// <summary>A version that is being exported. Its files are open, so they can be read to their end even if the version is deleted meanwhile, and what is sent is what was verified.</summary>
internal sealed class OpenPackage : IAsyncDisposable
{
    private readonly IReadOnlyList<StoredEntry> _entries;

    private OpenPackage(IReadOnlyList<StoredEntry> entries, string sha256) => (_entries, Sha256) = (entries, sha256);

    /// <summary>Of note and manifest, which holds the hashes of all other files: it changes if, and only if, the package does.</summary>
    public string Sha256 { get; }

    /// <summary>Bytes of the archive.</summary>
    public long Length => StoredArchive.LengthOf(_entries);

    /// <summary>A package of open files, whose owner it becomes.</summary>
    public static async Task<OpenPackage> OfAsync(IReadOnlyDictionary<string, Stream> files, CancellationToken cancellationToken)
    {
        var entries = new List<StoredEntry>();
        foreach (string name in PackageFormat.Entries)
            entries.Add(new StoredEntry(name, files[name], await Crc32.OfAsync(files[name], cancellationToken)));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in new[] { PackageFormat.NoteFile, VersionFolder.ManifestFile })
        {
            byte[] content = new byte[files[name].Length];
            await files[name].ReadExactlyAsync(content, cancellationToken);
            files[name].Position = 0;
            hash.AppendData(content);
        }

        return new OpenPackage(entries, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <summary>Writes the archive, once.</summary>
    public Task WriteAsync(Stream destination, CancellationToken cancellationToken) => StoredArchive.WriteAsync(_entries, destination, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var entry in _entries)
            await entry.Content.DisposeAsync();
    }
}
