using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RnnService.Api.Models;

/// <summary>What is wrong with a version folder.</summary>
/// <param name="File">The file that is damaged.</param>
/// <param name="Reason">What is wrong with it, as a sentence.</param>
public sealed record VersionDamage(string File, string Reason);

/// <summary>A look at a version folder: a manifest where it can be read, damage where there is any.</summary>
public readonly record struct VersionInspection(VersionManifest? Manifest, VersionDamage? Damage)
{
    /// <summary>Of the manifest as it lies there, if it can be read.</summary>
    public string? ManifestSha256 { get; init; }

    /// <summary>Where the version was imported from; <c>null</c> when a job of this service made it.</summary>
    public VersionImport? Import { get; init; }
}

/// <summary>The files of one model version, and whether they are what the manifest says.</summary>
public sealed class VersionFolder(string path)
{
    public const string ManifestFile = "manifest.json";
    public const string WeightsFile = "weights.safetensors";
    public const string TokenizerFile = "tokenizer.json";
    public const string ReportFile = "report.json";

    /// <summary>Beside the others where the version was imported. No manifest lists it: the others are the version, wherever it lies.</summary>
    public const string ImportFile = "import.json";

    /// <summary>A manifest is a few KiB; a larger one is not ours.</summary>
    public const long MaximumManifestBytes = 16 << 20;

    /// <summary>A report is at most a few MiB, as whatever could grow with the data is limited in it.</summary>
    public const long MaximumReportBytes = 32 << 20;

    /// <summary>The library reads no larger tokenizer.</summary>
    public const long MaximumTokenizerBytes = 64 << 20;

    /// <summary>The files that a manifest lists, each exactly once.</summary>
    public static IReadOnlyList<string> ContentFiles { get; } = [WeightsFile, TokenizerFile, ReportFile];

    public string Path { get; } = path;

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    public bool HasManifest => File.Exists(PathOf(ManifestFile));

    /// <summary>Names, sizes and times of the files: equal fingerprints need no second verification.</summary>
    public string Fingerprint()
    {
        var text = new StringBuilder();
        foreach (string name in ContentFiles.Prepend(ManifestFile).Append(ImportFile))
        {
            var file = new FileInfo(PathOf(name));
            text.Append(CultureInfo.InvariantCulture, $"{name}:{(file.Exists ? file.Length : -1)}:{(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)};");
        }

        return text.ToString();
    }

    /// <summary>Reads the manifest and checks it against itself and against the sizes of the files, without hashing them. There is a manifest in the result wherever it is right in itself.</summary>
    public VersionInspection ReadManifest()
    {
        if (Read<VersionManifest>(ManifestFile, "manifest", out var damage, out string hash) is not { } manifest)
            return new(null, damage);
        if (Contradiction(manifest) is { } contradiction)
            return new(null, new(ManifestFile, contradiction));
        VersionImport? import = null;
        if (File.Exists(PathOf(ImportFile)) && (import = Read<VersionImport>(ImportFile, "note of an import", out damage, out _)) is null)
            return new(null, damage);
        return new(manifest, manifest.Files.Select(WrongSizeOrNull).FirstOrDefault(wrong => wrong is not null)) { ManifestSha256 = hash, Import = import };
    }

    /// <summary>As <see cref="ReadManifest"/>, and hashes the files up to the first one that is damaged.</summary>
    public async Task<VersionInspection> VerifyAsync(CancellationToken cancellationToken)
    {
        var inspection = ReadManifest();
        if (inspection.Damage is not null || inspection.Manifest is not { } manifest)
            return inspection;
        foreach (var entry in manifest.Files)
        {
            if (await WrongHashOrNullAsync(entry, cancellationToken) is { } damage)
                return inspection with { Damage = damage };
        }

        return inspection;
    }

    /// <summary>Hashes all files; everything that is damaged.</summary>
    public async Task<IReadOnlyList<VersionDamage>> FindDamagesAsync(CancellationToken cancellationToken)
    {
        var inspection = ReadManifest();
        if (inspection.Manifest is not { } manifest)
            return [inspection.Damage!];
        var damages = new List<VersionDamage>();
        foreach (var entry in manifest.Files)
        {
            if ((WrongSizeOrNull(entry) ?? await WrongHashOrNullAsync(entry, cancellationToken)) is { } damage)
                damages.Add(damage);
        }

        return damages;
    }

    /// <summary>Hashes an open file from its start, and leaves it at its start; <c>null</c> when it is what the manifest says.</summary>
    public static async Task<VersionDamage?> CheckHashOrNullAsync(FileEntry entry, Stream content, CancellationToken cancellationToken)
    {
        content.Position = 0;
        byte[] hash = await SHA256.HashDataAsync(content, cancellationToken);
        content.Position = 0;
        string found = Convert.ToHexStringLower(hash);
        return found == entry.Sha256 ? null : new VersionDamage(entry.Name, $"has the SHA-256 {found}; the manifest says {entry.Sha256}");
    }

    public FileStream OpenRead(string file) =>
        new(PathOf(file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);

    private VersionDamage? WrongSizeOrNull(FileEntry entry)
    {
        var file = new FileInfo(PathOf(entry.Name));
        if (!file.Exists)
            return new(entry.Name, "is missing");
        return file.Length == entry.Bytes ? null : new(entry.Name, $"has {file.Length} bytes; the manifest says {entry.Bytes}");
    }

    private async Task<VersionDamage?> WrongHashOrNullAsync(FileEntry entry, CancellationToken cancellationToken)
    {
        await using var stream = OpenRead(entry.Name);
        return await CheckHashOrNullAsync(entry, stream, cancellationToken);
    }

    private T? Read<T>(string name, string kind, out VersionDamage? damage, out string sha256)
        where T : class
    {
        sha256 = "";
        var file = new FileInfo(PathOf(name));
        damage = !file.Exists ? new(name, "is missing") : file.Length > MaximumManifestBytes ? new(name, $"is too large to be a {kind}") : null;
        if (damage is not null)
            return null;
        try
        {
            byte[] bytes = File.ReadAllBytes(file.FullName);
            sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            var content = JsonSerializer.Deserialize<T>(bytes, ManifestJson.Options);
            damage = content is null ? new(name, $"is not a readable {kind} (it holds null)") : null;
            return content;
        }
        catch (JsonException)
        {
            damage = new(name, $"is not a readable {kind} (malformed JSON, or a member that is missing or of the wrong type)");
            return null;
        }
    }

    /// <summary>What a manifest says that cannot be, whatever the files are.</summary>
    private static string? Contradiction(VersionManifest manifest)
    {
        if (manifest.FormatVersion != VersionManifest.CurrentFormat)
            return $"has formatVersion {manifest.FormatVersion}; this service reads {VersionManifest.CurrentFormat}";
        if (manifest.Temperature is { } temperature && !(temperature > 0 && double.IsFinite(temperature)))
            return "has a temperature that is not above 0";
        return manifest.Files.Any(file => file is null) || !manifest.Files.Select(file => file.Name).Order(StringComparer.Ordinal).SequenceEqual(ContentFiles.Order(StringComparer.Ordinal))
            ? $"does not list exactly the files {string.Join(", ", ContentFiles)}"
            : null;
    }
}
