using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;

namespace RnnService.Api.Datasets;

/// <summary>Rebuilds the index of datasets from the manifests, which are the truth, and ends deletions that a crash cut short.</summary>
internal sealed class DatasetIndex(
    DatasetFolders folders,
    IDbContextFactory<ServiceDbContext> databases,
    IEnumerable<IDatasetUsage> usages,
    ILogger<DatasetIndex> logger) : IStartupTask
{
    public StartupStage Stage => StartupStage.Index;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var datasets = new Dictionary<string, Dataset>(StringComparer.Ordinal);
        foreach (var sha256 in folders.Hashes().ToArray())
        {
            var names = folders.Names(sha256).ToArray();
            if (names.Length == 0) await EndDeletionAsync(sha256, cancellationToken);
            foreach (var name in names) await AddAsync(datasets, sha256, name, cancellationToken);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<DatasetRow>().ExecuteDeleteAsync(cancellationToken);
        database.AddRange(datasets.Values.Select(DatasetStore.ToRow));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task AddAsync(Dictionary<string, Dataset> datasets, string sha256, string name, CancellationToken cancellationToken)
    {
        try
        {
            var dataset = await folders.ReadAsync(sha256, name, cancellationToken);
            if (!datasets.TryGetValue(name, out var other))
            {
                datasets.Add(name, dataset);
                return;
            }

            var (kept, left) = other.CreatedAt <= dataset.CreatedAt ? (other, dataset) : (dataset, other);
            datasets[name] = kept;
            logger.LogError("Two contents are called {Name}: {Kept}, the older one, is listed; {Left} is not", name, kept.Sha256, left.Sha256);
        }
        catch (InvalidDataException damage)
        {
            // Nothing is deleted: an operator may still save what is there, and uploading the dataset again puts it right.
            logger.LogError("The dataset {Name} is damaged and not listed (manifest {Name}.json of content {Sha256}): {Reason}", name, name, sha256, damage.Message);
        }
    }

    private async Task EndDeletionAsync(string sha256, CancellationToken cancellationToken)
    {
        foreach (var usage in usages)
        {
            if (await usage.NeededByOrNullAsync(sha256, cancellationToken) is not { } needy) continue;
            logger.LogError("The content {Sha256} has no name but is kept, as {Needy} needs it", sha256, needy);
            return;
        }

        folders.DeleteContent(sha256);
        logger.LogWarning("Removed the content {Sha256}, whose deletion was unfinished when the service last stopped", sha256);
    }
}
