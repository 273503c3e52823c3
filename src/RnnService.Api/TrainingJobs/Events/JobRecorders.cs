using RnnService.Api.Models;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>Makes the recorders of jobs that begin to run.</summary>
internal sealed class JobRecorders(JobEventStore events, JobSnapshots snapshots, TimeProvider time, ILogger<JobRecorder> logger)
{
    /// <summary>A recorder that goes on where those of earlier runs of the job ended; it writes until it is finished.</summary>
    public async Task<JobRecorder> StartAsync(TrainingJobRow job, JobPlan plan, JobData data, CancellationToken cancellationToken)
    {
        var told = await events.ReadRecordedAsync(job.Id, cancellationToken);
        long steps = JobJson.Read<ProgressResponse>(job.ProgressJson).TotalSteps;
        // One validation an epoch, and those in its midst.
        long validations = plan.Training.Epochs + (plan.Training.ValidateEverySteps is { } every ? steps / every : 0);
        return new JobRecorder(job, plan, data, events, snapshots, told, new EventPace(validations, time), time, logger);
    }
}
