using Microsoft.Extensions.Options;
using RnnService.Api.Models;
using RnnService.Api.Storage;
using RnnService.Api.TrainingJobs.Events;

namespace RnnService.Api.TrainingJobs;

/// <summary>Runs one job from its data to its published version.</summary>
internal sealed class JobRunner(
    TrainingJobStore jobs, JobDataReader data, JobBases bases, ModelFolders folders, ModelCatalog catalog, ModelRegistry registry, JobRecorders recorders, JobSnapshots snapshots, JobCheckpoints checkpoints, SpaceGuard space,
    IOptions<TrainingOptions> options, TimeProvider time, ILogger<JobRunner> logger)
{
    /// <summary>How often progress is written to the database.</summary>
    private static readonly TimeSpan s_saveInterval = TimeSpan.FromSeconds(1);

    private static readonly JobInterruption s_stop = new(InterruptionKind.Stop, "The service stops.");

    private static readonly JobInterruption s_unwritten = new(InterruptionKind.Pause, "The version could not be written, which a full disk may have caused; resume the job when there is room.");

    /// <summary>Runs a job that is marked as running. Returns when it has ended or is paused, or was stopped with the process and is still marked so.</summary>
    public async Task RunAsync(TrainingJobRow job, RunningJob running, CancellationToken stopping)
    {
        // The process may have ended between the version's rename and the row of the job.
        if (await catalog.FindByJobOrNullAsync(job.Id, stopping) is { } published)
        {
            logger.LogInformation("Job {JobId} had published {Model}:{Version} before the service stopped", job.Id, published.Model, published.Version);
            await jobs.SucceedAsync(job.Id, Result(published.Model, published.Version, JobJson.Read<Dictionary<string, double?>>(published.MetricsJson)), CancellationToken.None);
            checkpoints.Delete(job.Id);
            return;
        }

        logger.LogInformation("Job {JobId} begins: {Task} for model {Model}", job.Id, job.Task, job.Model);
        using var stop = stopping.Register(() => running.TryInterrupt(s_stop));
        try
        {
            if (await TrainAndPublishAsync(job, running) is { } error)
            {
                logger.LogWarning("Job {JobId} failed: {Reason}", job.Id, error.Detail);
                await jobs.FailAsync(job.Id, error, CancellationToken.None);
            }

            checkpoints.Delete(job.Id);
        }
        catch (OperationCanceledException) when (running.Cancelled.IsCancellationRequested || running.Interruption is not null)
        {
            await LeaveAsync(job, running);
        }
        catch (Exception failure)
        {
            // A job whose version exists has not failed: the worker takes it up again, and it ends well.
            if (await catalog.FindByJobOrNullAsync(job.Id, CancellationToken.None) is not null)
                throw;
            if (running.IsPublishing && StorageFaults.Is(failure))
            {
                // All has been computed and its checkpoints are there: nothing is lost but the writing of it. Only where the disk is seen to be full does the job go on by itself: another fault would come again, each time at once.
                var why = space.ShortageOrNull() is { } shortage ? new JobInterruption(InterruptionKind.Space, shortage) : s_unwritten;
                logger.LogError(failure, "The version of job {JobId} could not be written, and the job is paused: {Reason}", job.Id, why.Reason);
                await jobs.PausedAsync(job.Id, why, CancellationToken.None);
                return;
            }

            logger.LogError(failure, "Job {JobId} failed by an unexpected error", job.Id);
            await jobs.FailAsync(job.Id, JobErrors.Of(failure), CancellationToken.None);
            checkpoints.Delete(job.Id);
        }
        finally
        {
            // What succeeded is a version by now.
            snapshots.Remove(job.Id);
        }
    }

    private static JobResultResponse Result(string model, int version, IReadOnlyDictionary<string, double?> metrics) =>
        new(version, new ModelReference(model, version, null).ToString(), metrics);

    /// <summary>The run has left the machine without having ended.</summary>
    private async Task LeaveAsync(TrainingJobRow job, RunningJob running)
    {
        if (!running.Cancelled.IsCancellationRequested && running.Interruption is { Kind: not InterruptionKind.Stop } why
            && await jobs.PausedAsync(job.Id, why, CancellationToken.None) == JobTransition.Done)
        {
            logger.LogInformation("Job {JobId} is paused: {Reason}", job.Id, why.Reason);
        }
        else if (await jobs.HasEndedAsync(job.Id, CancellationToken.None))
        {
            checkpoints.Delete(job.Id);
            logger.LogInformation("Job {JobId} was cancelled", job.Id);
        }
        else
        {
            // Stopped with the service, or cancelled in a row that could not be written. Until it runs again, its row tells how far it is.
            if (running.Progress is { } progress)
                await TrySaveProgressAsync(job.Id, progress, CancellationToken.None);
            logger.LogInformation("Job {JobId} has left and will go on", job.Id);
        }
    }

    private async Task<JobError?> TrainAndPublishAsync(TrainingJobRow job, RunningJob running)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(running.Cancelled, running.Interrupted);
        var cancellationToken = ending.Token;
        var plan = JobJson.Read<JobPlan>(job.PlanJson);
        if (await data.ReadOrNullAsync(plan, cancellationToken) is not { } examples)
            return JobErrors.DataIsGone;
        using var start = await bases.LoadOrNullAsync(plan.Base, cancellationToken);
        if (plan.Base is { } needed && start is null)
            return JobErrors.BaseIsGone(needed);

        var recorder = await recorders.StartAsync(job, plan, examples, cancellationToken);
        var steering = new JobSteering(running, checkpoints, space, TimeSpan.FromSeconds(options.Value.CheckpointSeconds), time);
        var training = new JobTraining(job, plan, examples, start, recorder, checkpoints, steering, running, options.Value.ThreadsOfJob, time, logger);
        var work = BackgroundThread.RunAsync(
            $"training {job.Id}", options.Value.Niceness, logger, training.Run);
        try
        {
            await SaveProgressUntilAsync(work, job.Id, running, cancellationToken);
        }
        finally
        {
            // What the run had to say comes before what its end says.
            await Task.WhenAny(work);
            await recorder.FinishAsync();
        }

        using var trained = await work;
        if (trained.Refusal is { } refusal)
            return JobErrors.CannotLearn(refusal);
        if (trained is not { Outcome: { } outcome, Evaluation: { } evaluation })
            throw new OperationCanceledException("The run was interrupted.");

        if (!running.TryBeginPublishing())
            throw new OperationCanceledException("The run was cancelled or interrupted before it was published.");
        // From here on the process' stop is not waited for: it takes a moment, and half of it would be done for nothing.
        var split = examples.Summary(plan);
        var draft = TrainingReports.Manifest(job, plan, split, trained, evaluation, time.GetUtcNow());
        var report = TrainingReports.Report(job, split, outcome, evaluation, examples.Validation, trained, options.Value.ThreadsOfJob);
        var staged = await StagedVersion.WriteAsync(folders, draft, outcome.Model, report, CancellationToken.None);
        var version = await PublishAsync(job.Model, staged);
        await jobs.SucceedAsync(job.Id, Result(version.Model, version.Version, version.Manifest.Metrics), CancellationToken.None);
        logger.LogInformation(
            "Job {JobId} succeeded with {Model}:{Version} after {Seconds:F1} s of training ({StopReason})", job.Id, version.Model, version.Version, outcome.ElapsedSeconds, outcome.StopReason);
        return null;
    }

    private async Task<PublishedVersion> PublishAsync(string model, StagedVersion staged)
    {
        try
        {
            return await registry.PublishAsync(model, staged, CancellationToken.None);
        }
        catch
        {
            staged.Discard();
            throw;
        }
    }

    private async Task SaveProgressUntilAsync(Task work, string id, RunningJob running, CancellationToken cancellationToken)
    {
        ProgressResponse? saved = null;
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(s_saveInterval, time, cancellationToken));
            if (cancellationToken.IsCancellationRequested)
            {
                // Wait for the thread: it uses what this scope owns.
                await Task.WhenAny(work);
                return;
            }

            if (running.Progress is { } progress && progress != saved && await TrySaveProgressAsync(id, progress, cancellationToken))
                saved = progress;
        }
    }

    /// <summary>Writes down how far a job is; false when the database did not take it.</summary>
    private async Task<bool> TrySaveProgressAsync(string id, ProgressResponse progress, CancellationToken cancellationToken)
    {
        try
        {
            await jobs.SaveProgressAsync(id, progress, cancellationToken);
            return true;
        }
        catch (Exception fault) when (StorageFaults.IsOfDatabase(fault))
        {
            // The training is worth more than a note of how far it is: the next one says the same and more.
            logger.LogWarning(fault, "How far job {JobId} is could not be written down; it goes on", id);
            return false;
        }
    }
}
