using System.Buffers;
using System.Text;
using RnnService.Api.Storage;

namespace RnnService.Api.Datasets;

/// <summary>
/// Datasets on disk: <c>datasets/{sha256}/content</c>, which never changes, and beside it <c>{name}.json</c> for each name that it goes by.
/// A content without a name is what a deletion that was cut short has left.
/// </summary>
internal sealed class DatasetFolders(DataDirectory data)
{
    public const string ContentFile = "content";

    private const string ManifestSuffix = ".json";
    private const int HashLength = 64;

    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>The hashes that there are folders for.</summary>
    public IEnumerable<string> Hashes() => Directory.EnumerateDirectories(data.Datasets).Select(path => Path.GetFileName(path)).Where(IsHash).Order(StringComparer.Ordinal);

    /// <summary>The names, as their manifests' files tell them, of a content.</summary>
    public IEnumerable<string> Names(string sha256) => Directory
        .EnumerateFiles(Folder(sha256), "*" + ManifestSuffix)
        .Select(path => Path.GetFileName(path)[..^ManifestSuffix.Length])
        .Where(ResourceName.IsValid)
        .Order(StringComparer.Ordinal);

    /// <summary>The dataset of a manifest.</summary>
    /// <exception cref="InvalidDataException">The manifest is damaged, says something else than its path, or its content is missing or has another length.</exception>
    public async Task<Dataset> ReadAsync(string sha256, string name, CancellationToken cancellationToken)
    {
        var dataset = DatasetManifest.Read(await File.ReadAllTextAsync(Manifest(sha256, name), cancellationToken));
        if (dataset.Name != name || dataset.Sha256 != sha256) throw new InvalidDataException("It is the manifest of another dataset.");
        var content = new FileInfo(Content(sha256));
        if (!content.Exists || content.Length != dataset.Bytes) throw new InvalidDataException($"Its content is missing or has not {dataset.Bytes} bytes.");
        return dataset;
    }

    /// <summary>Makes a dataset last. A content that is there already is kept; a damaged one is put right.</summary>
    public async Task PublishAsync(Dataset dataset, StagedContent staged)
    {
        var manifest = Encoding.UTF8.GetBytes(DatasetManifest.Write(dataset));
        await File.WriteAllBytesAsync(Path.Combine(staged.Folder, dataset.Name + ManifestSuffix), manifest);
        if (data.Files.TryPublishFolder(staged.Folder, Folder(dataset.Sha256))) return;

        var content = new FileInfo(Content(dataset.Sha256));
        if (!content.Exists || content.Length != dataset.Bytes) data.Files.PublishFile(staged.Path, content.FullName);
        await data.Files.WriteAsync(Manifest(dataset.Sha256, dataset.Name), manifest);
    }

    /// <summary>Takes a name away for good; the content goes with its last name.</summary>
    public void Delete(string sha256, string name)
    {
        data.Files.DeleteFile(Manifest(sha256, name));
        if (!Names(sha256).Any()) DeleteContent(sha256);
    }

    /// <summary>Deletes a content and all that lies beside it.</summary>
    public void DeleteContent(string sha256) => data.Files.DeleteFolder(Folder(sha256), data.NewStagingPath("deleted-dataset"));

    /// <summary>Opens a content.</summary>
    /// <exception cref="IOException">There is no such content.</exception>
    public FileStream Open(string sha256) =>
        new(Content(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);

    private static bool IsHash(string name) => name.Length == HashLength && !name.AsSpan().ContainsAnyExcept(s_hexadecimal);

    private string Folder(string sha256) =>
        IsHash(sha256) ? data.Inside(data.Datasets, sha256) : throw new ArgumentException($"\"{sha256}\" is no SHA-256 in lower-case hexadecimal digits.", nameof(sha256));

    private string Content(string sha256) => Path.Combine(Folder(sha256), ContentFile);

    private string Manifest(string sha256, string name) => data.Inside(Folder(sha256), name) + ManifestSuffix;
}
