using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>A version as it was published.</summary>
public sealed record PublishedVersion(string Model, int Version, VersionManifest Manifest);

/// <summary>How moving an alias ended.</summary>
public enum AliasStatus
{
    Moved,
    UnknownModel,
    UnknownVersion,
    DamagedVersion,
}

/// <summary>How moving an alias ended, and what forbids it where the version is damaged.</summary>
public readonly record struct AliasOutcome(AliasStatus Status, VersionDamage? Damage = null);

/// <summary>How a deletion ended.</summary>
public enum DeletionStatus
{
    Deleted,
    UnknownModel,
    UnknownVersion,
    Aliased,
    Needed,
}

/// <summary>How a deletion ended, and the aliases that forbid it, or what else needs the version.</summary>
public readonly record struct DeletionOutcome(DeletionStatus Status, IReadOnlyList<string> Aliases, string? NeededBy = null);

/// <summary>Changes the registry: one change at a time, folders first, rows after them.</summary>
public sealed partial class ModelRegistry(
    IDbContextFactory<ServiceDbContext> databases, ModelFolders folders, ModelCatalog catalog, ModelHost host, OnnxFiles exports, IEnumerable<IVersionUsage> usages, RegistryGate gate, ILogger<ModelRegistry> logger)
{
    /// <summary>
    /// Publishes a staged version under the model's next number. A job that has published already gets the version that it has: after a crash
    /// between the folder's rename and the row, or between the row and the job's own, nothing is lost and nothing comes twice.
    /// </summary>
    public async Task<PublishedVersion> PublishAsync(string model, StagedVersion staged, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await catalog.FindByJobOrNullAsync(staged.Manifest.JobId, cancellationToken) is { } existing && existing.Model == model)
        {
            staged.Discard();
            return new PublishedVersion(model, existing.Version, staged.Manifest);
        }

        var row = await AddAsync(model, staged, null, cancellationToken);
        logger.LogInformation("Published {Model}:{Version} ({Bytes} bytes) of job {JobId}", model, row.Version, staged.Manifest.Bytes, staged.Manifest.JobId);
        return new PublishedVersion(model, row.Version, staged.Manifest);
    }

    /// <summary>Points an alias at a version, whatever it pointed at before.</summary>
    public async Task<AliasOutcome> SetAliasAsync(string model, string alias, int version, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        var target = await catalog.ResolveAsync(new ModelReference(model, version, null), cancellationToken);
        if (target.Status != ReferenceStatus.Found || target.Version is null)
            return new(target.Status == ReferenceStatus.UnknownModel ? AliasStatus.UnknownModel : AliasStatus.UnknownVersion);
        if (target.Version is { DamagedFile: { } file, Damage: { } reason })
            return new(AliasStatus.DamagedVersion, new VersionDamage(file, reason));

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<ModelAliasRow>().SingleOrDefaultAsync(row => row.Model == model && row.Alias == alias, cancellationToken);
        if (row is null)
            database.Add(new ModelAliasRow { Model = model, Alias = alias, Version = version });
        else
            row.Version = version;
        await database.SaveChangesAsync(cancellationToken);
        return new(AliasStatus.Moved);
    }

    /// <summary>Removes an alias; false when there is none of that name.</summary>
    public async Task<bool> DeleteAliasAsync(string model, string alias, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ModelAliasRow>().Where(row => row.Model == model && row.Alias == alias).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    /// <summary>Deletes a version that no alias but <c>latest</c> points at. Its number is not used again.</summary>
    public async Task<DeletionOutcome> DeleteVersionAsync(string model, int version, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<ModelVersionRow>().Where(row => row.Model == model).ToListAsync(cancellationToken);
        if (rows.Count == 0)
            return new(DeletionStatus.UnknownModel, []);
        if (rows.SingleOrDefault(row => row.Version == version) is not { } found)
            return new(DeletionStatus.UnknownVersion, []);
        var aliases = await database.Set<ModelAliasRow>().Where(row => row.Model == model && row.Version == version).Select(row => row.Alias).ToListAsync(cancellationToken);
        if (aliases.Count > 0)
            return new(DeletionStatus.Aliased, aliases);
        if (await NeededByOrNullAsync(model, [version], cancellationToken) is { } needed)
            return new(DeletionStatus.Needed, [], needed);

        await folders.WriteLastVersionAsync(model, rows.Max(row => row.Version), cancellationToken);
        folders.Delete(model, version);
        host.Forget(model, version);
        exports.Forget(model, version);
        database.Remove(found);
        if (rows.Count == 1)
            await ForgetNotesAsync(database, model);
        await database.SaveChangesAsync(CancellationToken.None); // the folder is gone already
        folders.RemoveIfEmpty(model);
        return new(DeletionStatus.Deleted, []);
    }

    /// <summary>Deletes a model with all its versions, if no alias but <c>latest</c> points at one. Their numbers are not used again.</summary>
    public async Task<DeletionOutcome> DeleteModelAsync(string model, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<ModelVersionRow>().Where(row => row.Model == model).ToListAsync(cancellationToken);
        if (rows.Count == 0)
            return new(DeletionStatus.UnknownModel, []);
        var aliases = await database.Set<ModelAliasRow>().Where(row => row.Model == model).Select(row => row.Alias).ToListAsync(cancellationToken);
        if (aliases.Count > 0)
            return new(DeletionStatus.Aliased, aliases);
        if (await NeededByOrNullAsync(model, [.. rows.Select(row => row.Version)], cancellationToken) is { } needed)
            return new(DeletionStatus.Needed, [], needed);

        await folders.WriteLastVersionAsync(model, rows.Max(row => row.Version), cancellationToken);
        folders.Delete(model);
        foreach (var row in rows)
        {
            host.Forget(model, row.Version);
            exports.Forget(model, row.Version);
        }

        database.RemoveRange(rows);
        await ForgetNotesAsync(database, model);
        await database.SaveChangesAsync(CancellationToken.None); // the folders are gone already
        return new(DeletionStatus.Deleted, []);
    }

    /// <summary>Gives a staged version the model's next number, in the folder and in the index.</summary>
    private async Task<ModelVersionRow> AddAsync(string model, StagedVersion staged, Notes? notes, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var owner = await database.Set<ModelRow>().SingleOrDefaultAsync(row => row.Name == model, cancellationToken);
        if (owner is null)
            database.Add(owner = new ModelRow { Name = model });

        int version = HighestKnown(model, owner) + 1;
        bool indexed = false;
        try
        {
            folders.Publish(staged.Path, model, version);
            await folders.WriteLastVersionAsync(model, version, cancellationToken);
            owner.LastVersion = version;
            var row = new ModelVersionRow { Model = model, Version = version, Description = notes?.Description };
            database.Add(row);
            var folder = folders.Version(model, version);
            await catalog.NoteAsync(database, row, folder.ReadManifest(), folder.Fingerprint(), cancellationToken, notes?.Tags);
            await database.SaveChangesAsync(cancellationToken);
            indexed = true;
            return row;
        }
        finally
        {
            // Without a row the job would train and publish a second time: then better not published at all.
            if (!indexed)
                folders.Delete(model, version);
        }
    }

    private static async Task ForgetNotesAsync(ServiceDbContext database, string model) =>
        (await database.Set<ModelRow>().Include(row => row.Tags).SingleAsync(row => row.Name == model)).ForgetNotes();

    private async Task<string?> NeededByOrNullAsync(string model, IReadOnlyList<int> versions, CancellationToken cancellationToken)
    {
        foreach (var usage in usages)
        {
            if (await usage.NeededByOrNullAsync(model, versions, cancellationToken) is { } needed)
                return needed;
        }

        return null;
    }

    /// <summary>The highest number that was ever given, as far as the row, the file and the folders know.</summary>
    private int HighestKnown(string model, ModelRow row) =>
        Math.Max(Math.Max(row.LastVersion, folders.ReadLastVersion(model)), folders.ListVersions(model).DefaultIfEmpty(0).Max());
}
