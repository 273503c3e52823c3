namespace RnnService.Api.TrainingJobs;

/// <summary>What the statuses of jobs have in common.</summary>
internal static class JobStatuses
{
    /// <summary>Those of jobs that have not ended: what these need is kept.</summary>
    public static IReadOnlyList<JobStatus> Active { get; } = [JobStatus.Queued, JobStatus.Running, JobStatus.Paused];
}
