using System.Globalization;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>What the changes of a job's status say.</summary>
internal static class StatusEvents
{
    public static JobEventRow Queued(TrainingJobRow job) => Of(job, job.CreatedAt, "Queued.", new(JobStatus.Queued));

    /// <param name="job">The job, marked as running.</param>
    /// <param name="again">Whether it was running already when the service stopped.</param>
    public static JobEventRow Started(TrainingJobRow job, bool again) =>
        Of(job, job.StartedAt!.Value, again ? "Taken up again: the service had stopped." : "Started.", new(JobStatus.Running));

    public static JobEventRow Succeeded(TrainingJobRow job, JobResultResponse result) => Of(
        job, job.FinishedAt!.Value, string.Create(CultureInfo.InvariantCulture, $"Succeeded: version {result.Version} of {job.Model} is published."), new(JobStatus.Succeeded) { Result = result });

    public static JobEventRow Failed(TrainingJobRow job, JobError error) =>
        Of(job, job.FinishedAt!.Value, $"Failed: {error.Detail}", new(JobStatus.Failed) { Error = error }, JobEventLevel.Error);

    public static JobEventRow Cancelled(TrainingJobRow job) => Of(job, job.FinishedAt!.Value, "Cancelled.", new(JobStatus.Cancelled));

    public static JobEventRow Paused(TrainingJobRow job, DateTimeOffset at) =>
        Of(job, at, job.StatusReason ?? "Paused.", new(JobStatus.Paused), job.ResumesByItself ? JobEventLevel.Warning : JobEventLevel.Info);

    public static JobEventRow Resumed(TrainingJobRow job, DateTimeOffset at) => Of(job, at, "Resumed: waits in the queue.", new(JobStatus.Queued));

    private static JobEventRow Of(TrainingJobRow job, DateTimeOffset at, string message, StatusData data, JobEventLevel level = JobEventLevel.Info) => new()
    {
        JobId = job.Id,
        At = at,
        Level = level,
        Type = JobEventType.Status,
        Message = message,
        DataJson = JobJson.Write(data),
    };
}

/// <summary>The data of an event of type status.</summary>
/// <param name="Status">The status from then on.</param>
internal sealed record StatusData(JobStatus Status)
{
    /// <summary>What was published; null unless the job has succeeded.</summary>
    public JobResultResponse? Result { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public JobError? Error { get; init; }
}
