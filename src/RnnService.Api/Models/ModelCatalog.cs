using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>A model with its versions, ascending, and its aliases, <c>latest</c> among them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Task">What all its versions do; null where none can be read.</param>
/// <param name="Notes">What people say of it.</param>
/// <param name="Versions">Its versions, with their tags.</param>
/// <param name="Aliases">Versions by alias.</param>
public sealed record ModelState(string Name, TaskKind? Task, Notes Notes, IReadOnlyList<ModelVersionRow> Versions, IReadOnlyDictionary<string, int> Aliases);

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
    /// <summary>Models that a filter lets through, by name, after a name.</summary>
    internal async Task<IReadOnlyList<ModelState>> ListAsync(VersionFilter filter, string? after, int take, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var names = await filter.Of(database).Select(version => version.Model).Distinct()
            .Where(name => after == null || string.Compare(name, after) > 0)
            .OrderBy(name => name).Take(take).ToListAsync(cancellationToken);
        return await StatesAsync(database, names, cancellationToken);
    }

    /// <summary>A model; <c>null</c> when it has no version.</summary>
    public async Task<ModelState?> FindOrNullAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return (await StatesAsync(database, [name], cancellationToken)).SingleOrDefault();
    }

    /// <summary>A version with its tags; <c>null</c> when there is none of the number.</summary>
    public async Task<ModelVersionRow?> FindVersionOrNullAsync(string name, int version, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<ModelVersionRow>().Include(row => row.Tags).SingleOrDefaultAsync(row => row.Model == name && row.Version == version, cancellationToken);
        if (row is not null)
            await RefreshAsync(database, [row], cancellationToken);
        return row;
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
            number = versions.Find(version => version.JobId == job && version.ImportedAt is null)?.Version;
        else if (reference.Alias is { } alias)
            number = await database.Set<ModelAliasRow>().Where(row => row.Model == reference.Name && row.Alias == alias).Select(row => (int?)row.Version).SingleOrDefaultAsync(cancellationToken);

        if (versions.SingleOrDefault(version => version.Version == number) is not { } found)
            return new(reference.Alias is null ? ReferenceStatus.UnknownVersion : ReferenceStatus.UnknownAlias, reference, null);
        await RefreshAsync(database, [found], cancellationToken);
        return new(ReferenceStatus.Found, reference, found);
    }

    /// <summary>What people say of a version.</summary>
    internal async Task<Notes> NotesOfAsync(ModelVersionRow version, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var tags = await database.Set<VersionTagRow>().AsNoTracking().Where(tag => tag.Model == version.Model && tag.Version == version.Version).ToListAsync(cancellationToken);
        return Notes.Of(version.Description, tags);
    }

    /// <summary>The version that a job of this service published; <c>null</c> when it published none. Copies of it that were imported are not what it published.</summary>
    public async Task<ModelVersionRow?> FindByJobOrNullAsync(string jobId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ModelVersionRow>().AsNoTracking().OrderBy(version => version.Version)
            .FirstOrDefaultAsync(version => version.JobId == jobId && version.ImportedAt == null, cancellationToken);
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
        await NoteAsync(database, row, new VersionInspection(null, damage), folders.Version(model, version).Fingerprint(), cancellationToken);
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
            await NoteAsync(database, row, await folder.VerifyAsync(cancellationToken), fingerprint, cancellationToken);
            changed = true;
        }

        if (changed)
            await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>
    /// Writes what was found into a row, which the database tracks. What an unreadable manifest can no longer say is kept from before. The first manifest that can be read brings the tags, unless others are given.
    /// </summary>
    internal async Task NoteAsync(
        ServiceDbContext database, ModelVersionRow row, VersionInspection inspection, string fingerprint, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? tags = null)
    {
        if (inspection.ManifestSha256 is { } found && row.ManifestSha256 is { } first && found != first)
            inspection = new(null, new(VersionFolder.ManifestFile, $"has the SHA-256 {found}; it had {first} when the version was new"));
        row.Fingerprint = fingerprint;
        row.DamagedFile = inspection.Damage?.File;
        row.Damage = inspection.Damage?.Reason;
        if (inspection.Damage is { } damage)
            logger.LogError("Version {Version} of model {Model} is damaged: {File} {Reason}", row.Version, row.Model, damage.File, damage.Reason);
        if (inspection.Manifest is not { } manifest)
            return;
        bool isNew = row.ManifestSha256 is null;
        row.ManifestSha256 = inspection.ManifestSha256;
        row.JobId = manifest.JobId;
        row.ImportedAt = inspection.Import?.ImportedAt;
        row.Task = manifest.Task;
        row.CreatedAt = manifest.CreatedAt;
        row.Parameters = manifest.Parameters;
        row.Bytes = manifest.Bytes;
        row.MetricsJson = JsonSerializer.Serialize(manifest.Metrics, ManifestJson.Options);
        await database.Set<VersionMetricRow>().Where(metric => metric.Model == row.Model && metric.Version == row.Version).LoadAsync(cancellationToken);
        NoteMetrics(row, manifest.Metrics);
        if (isNew)
            NoteTags(row, tags ?? manifest.Tags);
    }

    private static void NoteMetrics(ModelVersionRow row, IReadOnlyDictionary<string, double?> metrics)
    {
        row.Metrics.RemoveAll(metric => metrics.GetValueOrDefault(metric.Name) is null);
        foreach (var (name, value) in metrics)
        {
            if (value is not { } number)
                continue;
            if (row.Metrics.Find(metric => metric.Name == name) is { } known)
                known.Value = number;
            else
                row.Metrics.Add(new VersionMetricRow { Model = row.Model, Version = row.Version, Name = name, Value = number });
        }
    }

    private static void NoteTags(ModelVersionRow row, IReadOnlyDictionary<string, string> tags)
    {
        foreach (var (key, value) in tags)
            row.Tags.Add(new VersionTagRow { Model = row.Model, Version = row.Version, Key = key, Value = value });
    }

    /// <summary>The models of these names that have versions.</summary>
    private async Task<IReadOnlyList<ModelState>> StatesAsync(ServiceDbContext database, List<string> names, CancellationToken cancellationToken)
    {
        var versions = await database.Set<ModelVersionRow>().Include(version => version.Tags)
            .Where(version => names.Contains(version.Model)).OrderBy(version => version.Version).ToListAsync(cancellationToken);
        var aliases = await database.Set<ModelAliasRow>().AsNoTracking().Where(alias => names.Contains(alias.Model)).ToListAsync(cancellationToken);
        var models = await database.Set<ModelRow>().AsNoTracking().Include(model => model.Tags).Where(model => names.Contains(model.Name)).ToListAsync(cancellationToken);
        await RefreshAsync(database, versions, cancellationToken);
        return [.. from name in names
                   let own = versions.Where(version => version.Model == name).ToList()
                   where own.Count > 0
                   select State(name, own, aliases.Where(alias => alias.Model == name), models.Find(model => model.Name == name))];
    }

    private static ModelState State(string name, List<ModelVersionRow> versions, IEnumerable<ModelAliasRow> aliases, ModelRow? model)
    {
        var named = aliases.Select(alias => (alias.Alias, alias.Version)).Append((ModelReference.Latest, versions[^1].Version))
            .OrderBy(alias => alias.Item1, StringComparer.Ordinal).ToDictionary(alias => alias.Item1, alias => alias.Item2, StringComparer.Ordinal);
        return new ModelState(name, versions.Select(version => version.Task).FirstOrDefault(task => task is not null), Notes.Of(model), versions, named);
    }
}
