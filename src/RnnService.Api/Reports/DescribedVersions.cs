using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Models;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Reports;

/// <summary>A version with what its manifest and its report say, and people, and where it was imported from; <c>null</c>: a job of this service made it.</summary>
internal sealed record DescribedVersion(ModelKey Key, VersionManifest Manifest, TrainingReport Report, Notes Notes, VersionImport? Import);

/// <summary>A version that is whole, or the problem to answer with.</summary>
internal readonly record struct DescribedOutcome(DescribedVersion? Version, ProblemHttpResult? Problem);

/// <summary>Finds versions and reads what they say of themselves.</summary>
public sealed class DescribedVersions(ModelCatalog catalog, ModelFolders folders)
{
    internal async Task<DescribedOutcome> ReadAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var resolved = await catalog.ResolveAsync(reference, cancellationToken);
        if (resolved.Version is not { } row)
            return new(null, ModelProblems.NotFound(resolved));
        if (row is { DamagedFile: { } file, Damage: { } reason })
            return new(null, ModelProblems.Damaged(row.Model, row.Version, new VersionDamage(file, reason)));
        var folder = folders.Version(row.Model, row.Version);
        return folder.ReadManifest() switch
        {
            { Damage: null, Manifest: { } manifest, Import: var import } =>
                new(new(new ModelKey(row.Model, row.Version), manifest, await ReportJson.ReadAsync(folder, cancellationToken), await catalog.NotesOfAsync(row, cancellationToken), import), null),
            var inspection => new(null, ModelProblems.Damaged(row.Model, row.Version, inspection.Damage ?? new VersionDamage(VersionFolder.ManifestFile, "cannot be read"))),
        };
    }
}
