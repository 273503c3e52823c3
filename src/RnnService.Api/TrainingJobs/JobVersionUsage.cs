using Microsoft.EntityFrameworkCore;
using RnnService.Api.Models;
using RnnService.Api.Storage;

namespace RnnService.Api.TrainingJobs;

/// <summary>Keeps the versions that jobs which have not ended start from.</summary>
internal sealed class JobVersionUsage(IDbContextFactory<ServiceDbContext> databases, VersionHolds holds) : IVersionUsage
{
    public async Task<string?> NeededByOrNullAsync(string model, IReadOnlyList<int> versions, CancellationToken cancellationToken)
    {
        if (versions.Any(version => holds.Holds(new ModelKey(model, version))))
            return "a training job that is being asked for";
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var active = database.Set<TrainingJobRow>().AsNoTracking()
            .Where(job => JobStatuses.Active.Contains(job.Status))
            .OrderBy(job => job.Sequence).Select(job => new { job.Id, job.PlanJson }).AsAsyncEnumerable();
        await foreach (var job in active.WithCancellation(cancellationToken))
        {
            if (JobJson.Read<JobPlan>(job.PlanJson).Base is { } start && start.Model == model && versions.Contains(start.Version))
                return $"training job {job.Id}";
        }

        return null;
    }
}
