using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>Hashes every file of every version before the service is ready, where the setting Models:VerifyAtStart says so. Otherwise only files whose size or time has changed are.</summary>
internal sealed class StartVerification(
    IDbContextFactory<ServiceDbContext> databases, ModelFolders folders, ModelCatalog catalog, IOptions<ModelOptions> options, TimeProvider time, ILogger<StartVerification> logger) : IStartupTask
{
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(10);

    /// <summary>After the index, which it is registered behind.</summary>
    public StartupStage Stage => StartupStage.Index;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.VerifyAtStart)
            return;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<ModelVersionRow>().OrderBy(row => row.Model).ThenBy(row => row.Version).ToListAsync(cancellationToken);
        long reported = time.GetTimestamp();
        int done = 0;
        foreach (var row in rows)
        {
            var folder = folders.Version(row.Model, row.Version);
            string fingerprint = folder.Fingerprint();
            await catalog.NoteAsync(database, row, await folder.VerifyAsync(cancellationToken), fingerprint, cancellationToken);
            done++;
            if (time.GetElapsedTime(reported) < s_reportInterval)
                continue;
            reported = time.GetTimestamp();
            logger.LogInformation("Verified {Done} of {Count} versions", done, rows.Count);
        }

        await database.SaveChangesAsync(cancellationToken);
        logger.LogInformation("Verified all {Count} versions; {Damaged} are damaged", rows.Count, rows.Count(row => row.DamagedFile is not null));
    }
}
