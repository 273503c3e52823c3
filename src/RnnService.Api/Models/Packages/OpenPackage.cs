using System.IO.Compression;
using System.Security.Cryptography;

namespace RnnService.Api.Models.Packages;

/// <summary>A version that is being exported. Its files are open, so they can be read to their end even if the version is deleted meanwhile, and what is sent is what was verified.</summary>
internal sealed class OpenPackage : IAsyncDisposable
{
    /// <summary>The first moment that the format knows. Times would make packages of the same version differ.</summary>
    private static readonly DateTimeOffset s_noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly IReadOnlyDictionary<string, Stream> _files;

    private OpenPackage(IReadOnlyDictionary<string, Stream> files, string sha256) => (_files, Sha256) = (files, sha256);

    /// <summary>Of note and manifest, which holds the hashes of all other files: it changes if, and only if, the package does.</summary>
    public string Sha256 { get; }

    /// <summary>A package of open files, whose owner it becomes.</summary>
    public static async Task<OpenPackage> OfAsync(IReadOnlyDictionary<string, Stream> files, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in new[] { PackageFormat.NoteFile, VersionFolder.ManifestFile })
        {
            byte[] content = new byte[files[name].Length];
            files[name].Position = 0;
            await files[name].ReadExactlyAsync(content, cancellationToken);
            hash.AppendData(content);
        }

        return new OpenPackage(files, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <summary>Writes the archive: its entries stored, for weights do not shrink, in a fixed order and without times or permissions.</summary>
    public async Task WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        await using var archive = await ZipArchive.CreateAsync(destination, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        foreach (string name in PackageFormat.Entries)
        {
            var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
            (entry.LastWriteTime, entry.ExternalAttributes) = (s_noTime, 0);
            _files[name].Position = 0;
            await using var content = await entry.OpenAsync(cancellationToken);
            await _files[name].CopyToAsync(content, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var file in _files.Values)
            await file.DisposeAsync();
    }
}
