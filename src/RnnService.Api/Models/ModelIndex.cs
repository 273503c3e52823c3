using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>
/// Brings the index in line with the folders at start: folders are the truth of what exists. Folders without a row get one, rows without a
/// folder go, changed files are verified again, and the highest numbers are noted.
/// </summary>
internal sealed class ModelIndex(IDbContextFactory<ServiceDbContext> databases, ModelFolders folders, ModelCatalog catalog, ILogger<ModelIndex> logger) : IStartupTask
{
    public StartupStage Stage => StartupStage.Index;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<ModelVersionRow>().ToListAsync(cancellationToken);
        var models = await database.Set<ModelRow>().Include(model => model.Tags).ToDictionaryAsync(model => model.Name, StringComparer.Ordinal, cancellationToken);
        var found = new List<ModelVersionRow>();
        foreach (string model in folders.ListModels())
        {
            foreach (int version in folders.ListVersions(model))
            {
                if (rows.SingleOrDefault(row => row.Model == model && row.Version == version) is { } known)
                {
                    found.Add(known);
                }
                else if (folders.Version(model, version).HasManifest)
                {
                    logger.LogWarning("Version {Version} of model {Model} was not in the index: added", version, model);
                    found.Add(database.Add(new ModelVersionRow { Model = model, Version = version }).Entity);
                }
                else
                {
                    logger.LogWarning("Folder {Version} of model {Model} holds no manifest and is not a version: left alone", version, model);
                }
            }
        }

        foreach (var gone in rows.Except(found))
        {
            logger.LogWarning("Version {Version} of model {Model} has no folder: removed from the index", gone.Version, gone.Model);
            database.Remove(gone);
        }

        await catalog.RefreshAsync(database, found, cancellationToken);
        foreach (var empty in models.Values.Where(model => !found.Exists(row => row.Model == model.Name)))
            empty.ForgetNotes();
        await RemoveDanglingAliasesAsync(database, found, cancellationToken);
        await NoteHighestNumbersAsync(database, models, rows.Concat(found), cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }

    private async Task RemoveDanglingAliasesAsync(ServiceDbContext database, List<ModelVersionRow> found, CancellationToken cancellationToken)
    {
        foreach (var alias in await database.Set<ModelAliasRow>().ToListAsync(cancellationToken))
        {
            if (found.Exists(row => row.Model == alias.Model && row.Version == alias.Version))
                continue;
            logger.LogWarning("Alias {Alias} of model {Model} points at version {Version}, which is gone: removed", alias.Alias, alias.Model, alias.Version);
            database.Remove(alias);
        }
    }

    private async Task NoteHighestNumbersAsync(
        ServiceDbContext database, Dictionary<string, ModelRow> models, IEnumerable<ModelVersionRow> versions, CancellationToken cancellationToken)
    {
        var highest = versions.GroupBy(version => version.Model, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Max(version => version.Version), StringComparer.Ordinal);
        foreach (string name in highest.Keys.Union(models.Keys).Union(folders.ListNumbered()).Union(folders.ListModels()))
        {
            var model = models.GetValueOrDefault(name) ?? new ModelRow { Name = name };
            int inFolders = folders.ListVersions(name).DefaultIfEmpty(0).Max();
            model.LastVersion = Math.Max(Math.Max(model.LastVersion, highest.GetValueOrDefault(name)), Math.Max(inFolders, folders.ReadLastVersion(name)));
            if (model.LastVersion == 0)
                continue;
            if (!models.ContainsKey(name))
                database.Add(model);
            await folders.WriteLastVersionAsync(name, model.LastVersion, cancellationToken);
        }
    }
}
