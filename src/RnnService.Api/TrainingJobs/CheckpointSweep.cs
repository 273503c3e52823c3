using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;

namespace RnnService.Api.TrainingJobs;

/// <summary>Removes checkpoints of jobs that have ended or are gone: the process may have stopped between the one and the other.</summary>
internal sealed class CheckpointSweep(IDbContextFactory<ServiceDbContext> databases, JobCheckpoints checkpoints) : IStartupTask
{
    public StartupStage Stage => StartupStage.Resume;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var active = await database.Set<TrainingJobRow>()
            .Where(job => JobStatuses.Active.Contains(job.Status))
            .Select(job => job.Id).ToListAsync(cancellationToken);
        foreach (string id in checkpoints.Jobs().Except(active, StringComparer.Ordinal))
            checkpoints.Delete(id);
    }
}
