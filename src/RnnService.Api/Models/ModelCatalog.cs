using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>A model with its versions, ascending, and its aliases, <c>latest</c> among them.</summary>
public sealed record ModelState(string Name, TaskKind? Task, IReadOnlyList<ModelVersionRow> Versions, IReadOnlyDictionary<string, int> Aliases);

/// <summary>What a reference leads to.</summary>
public enum ReferenceStatus
{
    Found,
    UnknownModel,
    UnknownVersion,
    UnknownAlias,
}

/// <summary>A reference and the version that it leads to, where there is one.</summary>
public readonly record struct ResolvedReference(ReferenceStatus Status, ModelReference Reference, ModelVersionRow? Version);

/// <summary>Looks models up. A version whose files changed since they were verified is verified again before it is shown.</summary>
public sealed class ModelCatalog(IDbContextFactory<ServiceDbContext> databases, ModelFolders folders, ILogger<ModelCatalog> logger)
{
    /// <summary>Models that have versions, by name, after a name.</summary>
    public async Task<IReadOnlyList<ModelState>> ListAsync(string? after, int take, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var names = await database.Set<ModelVersionRow>().Select(version => version.Model).Distinct()
            .Where(name => after == null || string.Compare(name, after) > 0)
            .OrderBy(name => name).Take(take).ToListAsync(cancellationToken);
        var versions = await database.Set<ModelVersionRow>().Where(version => names.Contains(version.Model)).OrderBy(version => version.Version).ToListAsync(cancellationToken);
        var aliases = await database.Set<ModelAliasRow>().AsNoTracking().Where(alias => names.Contains(alias.Model)).ToListAsync(cancellationToken);
        await RefreshAsync(database, versions, cancellationToken);
        return [.. names.Select(name => State(name, versions.Where(version => version.Model == name), aliases.Where(alias => alias.Model == name)))];
    }

    /// <summary>A model; <c>null</c> when it has no version.</summary>
    public async Task<ModelState?> FindOrNullAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var versions = await database.Set<ModelVersionRow>().Where(version => version.Model == name).OrderBy(version => version.Version).ToListAsync(cancellationToken);
        if (versions.Count == 0)
            return null;
        var aliases = await database.Set<ModelAliasRow>().AsNoTracking().Where(alias => alias.Model == name).ToListAsync(cancellationToken);
        await RefreshAsync(database, versions, cancellationToken);
        return State(name, versions, aliases);
    }

    /// <summary>Follows a reference to a version.</summary>
    public async Task<ResolvedReference> ResolveAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var versions = await database.Set<ModelVersionRow>().Where(version => version.Model == reference.Name).OrderBy(version => version.Version).ToListAsync(cancellationToken);
        if (versions.Count == 0)
            return new(ReferenceStatus.UnknownModel, reference, null);

        int? number = reference.Version;
        if (reference.Alias == ModelReference.Latest)
            number = versions[^1].Version;
        else if (reference.JobOrNull is { } job)
            number = versions.Find(version => version.JobId == job)?.Version;
        else if (reference.Alias is { } alias)
            number = await database.Set<ModelAliasRow>().Where(row => row.Model == reference.Name && row.Alias == alias).Select(row => (int?)row.Version).SingleOrDefaultAsync(cancellationToken);

        if (versions.SingleOrDefault(version => version.Version == number) is not { } found)
            return new(reference.Alias is null ? ReferenceStatus.UnknownVersion : ReferenceStatus.UnknownAlias, reference, null);
        await RefreshAsync(database, [found], cancellationToken);
        return new(ReferenceStatus.Found, reference, found);
    }

    /// <summary>The version that a job published; <c>null</c> when it published none.</summary>
    public async Task<ModelVersionRow?> FindByJobOrNullAsync(string jobId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ModelVersionRow>().AsNoTracking().OrderBy(version => version.Version).FirstOrDefaultAsync(version => version.JobId == jobId, cancellationToken);
    }

    /// <summary>The task of a model's versions; <c>null</c> when it has none, or none that can be read.</summary>
    public async Task<TaskKind?> FindTaskOrNullAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ModelVersionRow>().Where(version => version.Model == name && version.Task != null).Select(version => version.Task).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Notes that a version turned out to be damaged when it was loaded.</summary>
    public async Task MarkDamagedAsync(string model, int version, VersionDamage damage, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<ModelVersionRow>().SingleOrDefaultAsync(row => row.Model == model && row.Version == version, cancellationToken);
        if (row is null)
            return;
        Note(row, new VersionInspection(null, damage), folders.Version(model, version).Fingerprint());
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Verifies every row whose files changed and saves what was found.</summary>
    internal async Task RefreshAsync(ServiceDbContext database, IReadOnlyList<ModelVersionRow> rows, CancellationToken cancellationToken)
    {
        bool changed = false;
        foreach (var row in rows)
        {
            var folder = folders.Version(row.Model, row.Version);
            string fingerprint = folder.Fingerprint();
            if (fingerprint == row.Fingerprint)
                continue;
            Note(row, await folder.VerifyAsync(cancellationToken), fingerprint);
            changed = true;
        }

        if (changed)
            await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Writes what was found into a row. What an unreadable manifest can no longer say is kept from before.</summary>
    internal void Note(ModelVersionRow row, VersionInspection inspection, string fingerprint)
    {
        row.Fingerprint = fingerprint;
        row.DamagedFile = inspection.Damage?.File;
        row.Damage = inspection.Damage?.Reason;
        if (inspection.Damage is { } damage)
            logger.LogError("Version {Version} of model {Model} is damaged: {File} {Reason}", row.Version, row.Model, damage.File, damage.Reason);
        if (inspection.Manifest is not { } manifest)
            return;
        row.JobId = manifest.JobId;
        row.Task = manifest.Task;
        row.CreatedAt = manifest.CreatedAt;
        row.Parameters = manifest.Parameters;
        row.Bytes = manifest.Bytes;
        row.MetricsJson = JsonSerializer.Serialize(manifest.Metrics, ManifestJson.Options);
    }

    private static ModelState State(string name, IEnumerable<ModelVersionRow> versions, IEnumerable<ModelAliasRow> aliases)
    {
        var all = versions.ToList();
        var named = aliases.Select(alias => (alias.Alias, alias.Version)).Append((ModelReference.Latest, all[^1].Version))
            .OrderBy(alias => alias.Item1, StringComparer.Ordinal).ToDictionary(alias => alias.Item1, alias => alias.Item2, StringComparer.Ordinal);
        return new ModelState(name, all.Select(version => version.Task).FirstOrDefault(task => task is not null), all, named);
    }
}
