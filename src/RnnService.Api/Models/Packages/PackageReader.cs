using System.Text.Json;
using RnnService.Api.Hosting;

namespace RnnService.Api.Models.Packages;

/// <summary>A package that was unpacked into a staging folder and is whole in every respect.</summary>
internal sealed record ReadPackage(StagedVersion Version, PackageNote Note);

/// <summary>What became of a package: the version that it holds, staged, or all that is wrong with it.</summary>
internal readonly record struct PackageOutcome(ReadPackage? Package, IReadOnlyList<PackageFault> Faults);

/// <summary>Unpacks packages into staging and checks them: sizes before anything is unpacked, hashes while it is, and in the end that a model can be loaded from it.</summary>
internal sealed class PackageReader(ModelFolders folders, PackageTrial trial, TimeProvider time)
{
    /// <summary>Reads a package. Where it is faulty, or reading ends early, nothing is left behind.</summary>
    public async Task<PackageOutcome> ReadAsync(string path, long mostBytes, CancellationToken cancellationToken)
    {
        var faults = new List<PackageFault>();
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.Asynchronous);
        using var archive = PackageArchive.OpenOrNull(file, faults);
        if (archive is null)
            return new(null, faults);

        string staging = folders.CreateStaging();
        bool read = false;
        try
        {
            var note = await ReadNoteAsync(archive, faults, cancellationToken);
            var manifest = await UnpackAsync(archive, staging, mostBytes, faults, cancellationToken);
            if (faults.Count == 0)
                await trial.LoadAsync(staging, manifest!, faults, cancellationToken);
            read = faults.Count == 0;
            return read ? new(new ReadPackage(new StagedVersion(staging, manifest!), note!), []) : new(null, faults);
        }
        finally
        {
            if (!read)
                ModelFolders.DiscardStaging(staging);
        }
    }

    private static async Task<PackageNote?> ReadNoteAsync(PackageArchive archive, List<PackageFault> faults, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        if (await archive.CopyOrFaultAsync(PackageFormat.NoteFile, content, PackageFormat.MostNoteBytes, cancellationToken) is { } fault)
        {
            faults.Add(fault);
            return null;
        }

        PackageNote? note = null;
        try
        {
            note = JsonSerializer.Deserialize<PackageNote>(content.ToArray(), ManifestJson.Strict);
        }
        catch (JsonException)
        {
            // Told below, as that of a note which is null.
        }

        if (note is null)
        {
            faults.Add(new(PackageFormat.NoteFile, "is not the note of a package (malformed JSON, or a member that is missing, unknown or of the wrong type)"));
            return null;
        }

        var problems = new Problems();
        problems.Name("model", note.Model);
        problems.Range("version", note.Version, 1, int.MaxValue);
        ManifestRules.Tags(note.Tags!, problems);
        if (note.FormatVersion != PackageNote.CurrentFormat)
            problems.Add("formatVersion", $"must be {PackageNote.CurrentFormat}; given {note.FormatVersion}");
        if (note.Description is { } description && Problems.Scalars(description) is var length and (0 or > Notes.LongestDescription))
            problems.Add("description", $"must be null or have 1 to {Notes.LongestDescription} characters; given {length}");
        faults.AddRange(problems.ToErrors().SelectMany(problem => problem.Value.Select(message => new PackageFault(PackageFormat.NoteFile, $"{problem.Key} {message}"))));
        return note;
    }

    /// <summary>Unpacks manifest and files; the manifest where it can be read.</summary>
    private async Task<VersionManifest?> UnpackAsync(PackageArchive archive, string staging, long mostBytes, List<PackageFault> faults, CancellationToken cancellationToken)
    {
        if (await UnpackFileAsync(archive, staging, VersionFolder.ManifestFile, PackageFormat.MostBytesOf(VersionFolder.ManifestFile), cancellationToken) is { } unreadable)
        {
            faults.Add(unreadable);
            return null;
        }

        // The other files are still missing; the manifest is there if it is right in itself.
        var folder = new VersionFolder(staging);
        var inspection = folder.ReadManifest();
        if (inspection.Manifest is not { } manifest)
        {
            faults.Add(new(inspection.Damage!.File, inspection.Damage.Reason));
            return null;
        }

        byte[] json = await File.ReadAllBytesAsync(folder.PathOf(VersionFolder.ManifestFile), cancellationToken);
        faults.AddRange(ManifestRules.Faults(manifest, json, mostBytes, time.GetUtcNow()));
        if (faults.Exists(fault => fault.File == VersionFolder.ManifestFile))
            return manifest;
        foreach (var entry in manifest.Files)
        {
            if (await UnpackFileAsync(archive, staging, entry.Name, entry.Bytes, cancellationToken) is { } fault)
                faults.Add(fault);
            else if (await WrongOrNullAsync(staging, entry, cancellationToken) is { } wrong)
                faults.Add(wrong);
        }

        return manifest;
    }

    private async Task<PackageFault?> UnpackFileAsync(PackageArchive archive, string staging, string name, long mostBytes, CancellationToken cancellationToken)
    {
        await using var target = folders.CreateStagedFile(staging, name);
        return await archive.CopyOrFaultAsync(name, target, mostBytes, cancellationToken);
    }

    private static async Task<PackageFault?> WrongOrNullAsync(string staging, FileEntry entry, CancellationToken cancellationToken)
    {
        await using var file = new VersionFolder(staging).OpenRead(entry.Name);
        if (file.Length != entry.Bytes)
            return new(entry.Name, $"has {file.Length} bytes; the manifest says {entry.Bytes}");
        return await VersionFolder.CheckHashOrNullAsync(entry, file, cancellationToken) is { } damage ? new(damage.File, damage.Reason) : null;
    }
}
