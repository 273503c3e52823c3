using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>What the statuses of jobs have in common.</summary>
internal static class JobStatuses
{
    /// <summary>Those of jobs that have not ended: what these need is kept.</summary>
    public static IReadOnlyList<JobStatus> Active { get; } = [JobStatus.Queued, JobStatus.Running, JobStatus.Paused];

    /// <summary>The task of the jobs of a model that have not ended, which is that of the version they are to make; <c>null</c> where there are none.</summary>
    public static Task<TaskKind?> TaskOfActiveOrNullAsync(ServiceDbContext database, string model, CancellationToken cancellationToken) => database.Set<TrainingJobRow>()
        .Where(job => job.Model == model && Active.Contains(job.Status)).Select(job => (TaskKind?)job.Task).FirstOrDefaultAsync(cancellationToken);
}
