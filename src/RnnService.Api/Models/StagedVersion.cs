using System.Security.Cryptography;
using System.Text.Json;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace RnnService.Api.Models;

/// <summary>A version that is written but has no name yet.</summary>
public sealed record StagedVersion(string Path, VersionManifest Manifest)
{
    /// <summary>Writes all files of a version into a staging folder, the manifest last. The draft is the manifest but for its files and bytes.</summary>
    public static async Task<StagedVersion> WriteAsync<TReport>(
        ModelFolders folders, VersionManifest draft, SequenceModel model, TReport report, CancellationToken cancellationToken)
    {
        string path = folders.CreateStaging();
        try
        {
            return await WriteAsync(folders, path, draft, model, report, cancellationToken);
        }
        catch
        {
            ModelFolders.DiscardStaging(path);
            throw;
        }
    }

    /// <summary>Removes the staging folder.</summary>
    public void Discard() => ModelFolders.DiscardStaging(Path);

    private static async Task<StagedVersion> WriteAsync<TReport>(
        ModelFolders folders, string path, VersionManifest draft, SequenceModel model, TReport report, CancellationToken cancellationToken)
    {
        var files = new List<FileEntry>();
        await AddAsync(VersionFolder.WeightsFile, model.WriteWeights);
        await AddAsync(VersionFolder.TokenizerFile, stream => Tokenizers.Save(model.Tokenizer, stream));
        await AddAsync(VersionFolder.ReportFile, stream => JsonSerializer.Serialize(stream, report, ManifestJson.Options));
        var manifest = draft with { Files = files, Bytes = files.Sum(file => file.Bytes) };
        await WriteFileAsync(VersionFolder.ManifestFile, stream => JsonSerializer.Serialize(stream, manifest, ManifestJson.Options));
        return new StagedVersion(path, manifest);

        async Task AddAsync(string name, Action<Stream> write)
        {
            await WriteFileAsync(name, write);
            await using var stream = new VersionFolder(path).OpenRead(name);
            byte[] hash = await SHA256.HashDataAsync(stream, cancellationToken);
            files.Add(new FileEntry { Name = name, Bytes = stream.Length, Sha256 = Convert.ToHexStringLower(hash) });
        }

        async Task WriteFileAsync(string name, Action<Stream> write)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await using var stream = folders.CreateStagedFile(path, name);
            write(stream);
        }
    }
}
