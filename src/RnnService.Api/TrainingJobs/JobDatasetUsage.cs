using Microsoft.EntityFrameworkCore;
using RnnService.Api.Datasets;
using RnnService.Api.Storage;

namespace RnnService.Api.TrainingJobs;

/// <summary>Keeps the data of jobs that have not ended.</summary>
internal sealed class JobDatasetUsage(IDbContextFactory<ServiceDbContext> databases) : IDatasetUsage
{
    public async Task<string?> NeededByOrNullAsync(string sha256, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        string? id = await database.Set<TrainingJobRow>()
            .Where(job => JobStatuses.Active.Contains(job.Status)
                && (job.DatasetSha256 == sha256 || job.ValidationSha256 == sha256))
            .OrderBy(job => job.Sequence).Select(job => job.Id).FirstOrDefaultAsync(cancellationToken);
        return id is null ? null : $"training job {id}";
    }
}
