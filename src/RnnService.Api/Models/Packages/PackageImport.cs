using System.Text.Json;

namespace RnnService.Api.Models.Packages;

/// <summary>What became of a package that was sent: the faults of it, or what the registry made of it.</summary>
internal readonly record struct PackageImportOutcome(IReadOnlyList<PackageFault> Faults, ImportOutcome? Import);

/// <summary>Takes packages into the registry.</summary>
internal sealed class PackageImport(PackageReader reader, ModelRegistry registry, ModelFolders folders, TimeProvider time)
{
    /// <summary>Takes the package at <paramref name="path"/> in, under a name or its own. Whatever happens, it is in the registry whole or not at all, and staging is left clean.</summary>
    public async Task<PackageImportOutcome> ImportAsync(string path, string? name, long mostBytes, CancellationToken cancellationToken)
    {
        var outcome = await reader.ReadAsync(path, mostBytes, cancellationToken);
        if (outcome.Package is not { } package)
            return new(outcome.Faults, null);
        try
        {
            var import = new VersionImport { FormatVersion = VersionImport.CurrentFormat, ImportedAt = time.GetUtcNow(), Model = package.Note.Model, Version = package.Note.Version };
            await using (var file = folders.CreateStagedFile(package.Version.Path, VersionFolder.ImportFile))
                await JsonSerializer.SerializeAsync(file, import, ManifestJson.Options, cancellationToken);
            return new([], await registry.ImportAsync(name ?? package.Note.Model, package.Version, import, new Notes(package.Note.Description, package.Note.Tags), cancellationToken));
        }
        finally
        {
            package.Version.Discard();
        }
    }
}
