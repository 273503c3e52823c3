using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;

namespace RnnService.Api.Models.Packages;

/// <summary>A package to send, to be disposed by the caller, or the problem to answer with.</summary>
internal readonly record struct ExportOutcome(OpenPackage? Package, ProblemHttpResult? Problem);

/// <summary>Opens versions for export.</summary>
public sealed class PackageExport(ModelCatalog catalog, ModelFolders folders, RegistryGate gate)
{
    /// <summary>Opens a version and verifies every file of it.</summary>
    internal async Task<ExportOutcome> OpenAsync(string model, int version, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, Stream>(StringComparer.Ordinal);
        OpenPackage? opened = null;
        try
        {
            var (manifest, problem) = await OpenFilesAsync(model, version, files, cancellationToken);
            if (problem is not null)
                return new(null, problem);
            foreach (var entry in manifest!.Files)
            {
                if (await VersionFolder.CheckHashOrNullAsync(entry, files[entry.Name], cancellationToken) is not { } damage)
                    continue;
                await catalog.MarkDamagedAsync(model, version, damage, cancellationToken);
                return new(null, ModelProblems.Damaged(model, version, damage));
            }

            if (TooLargeOrNull(files) is { } excess)
                return new(null, ServiceProblems.Conflict($"Version {version} of model '{model}' is too large for a package: {excess}", "model-too-large"));
            opened = await OpenPackage.OfAsync(files, cancellationToken);
            return new(opened, null);
        }
        finally
        {
            if (opened is null)
            {
                foreach (var file in files.Values)
                    await file.DisposeAsync();
            }
        }
    }

    /// <summary>What is exported can be imported.</summary>
    private static string? TooLargeOrNull(Dictionary<string, Stream> files)
    {
        foreach (var (name, file) in files.Where(file => file.Key != PackageFormat.NoteFile && file.Value.Length > PackageFormat.MostBytesOf(file.Key)))
            return $"{name} has {file.Length} bytes, at most {PackageFormat.MostBytesOf(name)} are read.";
        return files.Values.Sum(file => file.Length) > PackageFormat.MostBytes ? $"one has at most {PackageFormat.MostBytes} bytes." : null;
    }

    private async Task<(VersionManifest? Manifest, ProblemHttpResult? Problem)> OpenFilesAsync(string model, int version, Dictionary<string, Stream> files, CancellationToken cancellationToken)
    {
        // No deletion comes between the row and the files.
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await catalog.FindVersionOrNullAsync(model, version, cancellationToken) is not { } row)
            return (null, ModelProblems.NotFound(await catalog.ResolveAsync(new ModelReference(model, version, null), cancellationToken)));
        if (row is { DamagedFile: { } file, Damage: { } reason })
            return (null, ModelProblems.Damaged(model, version, new VersionDamage(file, reason)));
        var folder = folders.Version(model, version);
        var inspection = folder.ReadManifest();
        if (inspection is not { Manifest: { } manifest, Damage: null })
            return (null, ModelProblems.Damaged(model, version, inspection.Damage ?? new VersionDamage(VersionFolder.ManifestFile, "cannot be read")));
        foreach (string name in VersionFolder.ContentFiles.Prepend(VersionFolder.ManifestFile))
            files.Add(name, folder.OpenRead(name));
        var notes = Notes.Of(row);
        var note = new PackageNote { FormatVersion = PackageNote.CurrentFormat, Model = model, Version = version, Description = notes.Description, Tags = notes.Tags };
        files.Add(PackageFormat.NoteFile, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(note, ManifestJson.Options)));
        return (manifest, null);
    }
}
