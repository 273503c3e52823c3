using Microsoft.EntityFrameworkCore;
using RnnService.Api.TrainingJobs.Events;

namespace RnnService.Api.TrainingJobs;

/// <summary>Pausing and resuming, and forgetting of what ended long ago.</summary>
public sealed partial class TrainingJobStore
{
    /// <summary>How long a request waits for a run to leave. It leaves after its next step; if that takes longer, it still does.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly JobInterruption s_asked = new(InterruptionKind.Pause, "Paused by request.");

    /// <summary>Pauses a job that waits or runs. One that runs is paused when it has written a checkpoint and its memory and threads are free. What is being published already cannot be paused.</summary>
    public async Task<JobTransition> PauseAsync(string id, CancellationToken cancellationToken)
    {
        RunningJob? running = null;
        var transition = await ChangeAsync(
            id,
            row =>
            {
                running = row.Status == JobStatus.Running ? queue.FindOrNull(id) : null;
                if (running is not null)
                    return running.TryInterrupt(s_asked);
                // One that was paused by the service itself does not go on by itself any more.
                if (row.Status is not (JobStatus.Queued or JobStatus.Running) && !row.ResumesByItself)
                    return false;
                Pause(row, s_asked);
                return true;
            },
            row => running is null ? StatusEvents.Paused(row, time.GetUtcNow()) : null,
            cancellationToken);
        if (transition != JobTransition.Done || running is null)
            return transition;

        await Task.WhenAny(running.Left, Task.Delay(s_patience, time, cancellationToken));
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var status = await database.Set<TrainingJobRow>().Where(job => job.Id == id).Select(job => (JobStatus?)job.Status).SingleOrDefaultAsync(cancellationToken);
        return status is JobStatus.Paused or JobStatus.Running ? JobTransition.Done : JobTransition.Illegal; // it had ended before its moment came
    }

    /// <summary>Puts a paused job back into the queue, where it has the place that it had.</summary>
    public async Task<JobTransition> ResumeAsync(string id, CancellationToken cancellationToken)
    {
        var transition = await ChangeAsync(
            id,
            row =>
            {
                if (row.Status != JobStatus.Paused)
                    return false;
                Queue(row);
                return true;
            },
            row => StatusEvents.Resumed(row, time.GetUtcNow()),
            cancellationToken);
        if (transition == JobTransition.Done)
            queue.Ring();
        return transition;
    }

    /// <summary>A running job has left the machine. Not done when it has been cancelled meanwhile.</summary>
    public Task<JobTransition> PausedAsync(string id, JobInterruption why, CancellationToken cancellationToken) => ChangeAsync(
        id,
        row =>
        {
            if (row.Status != JobStatus.Running)
                return false;
            // Somebody may have asked for it since the run left for want of room: then it waits for somebody.
            Pause(row, queue.FindOrNull(id)?.Interruption ?? why);
            KeepProgress(row);
            return true;
        },
        row => StatusEvents.Paused(row, time.GetUtcNow()),
        cancellationToken);

    /// <summary>Puts the jobs that lack of space had paused back into the queue.</summary>
    public async Task ResumeStarvedAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (string id in await database.Set<TrainingJobRow>().Where(job => job.ResumesByItself).Select(job => job.Id).ToListAsync(cancellationToken))
        {
            await ChangeAsync(
                id,
                row =>
                {
                    if (!row.ResumesByItself)
                        return false;
                    Queue(row);
                    return true;
                },
                row => StatusEvents.Resumed(row, time.GetUtcNow()),
                cancellationToken);
        }
    }

    /// <summary>Deletes the jobs that ended before a time, with their events; their number. Their versions stay.</summary>
    public async Task<int> DeleteEndedBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            return await database.Set<TrainingJobRow>().Where(job => job.FinishedAt < before && !JobStatuses.Active.Contains(job.Status)).ExecuteDeleteAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static void Pause(TrainingJobRow row, JobInterruption why) =>
        (row.Status, row.StatusReason, row.ResumesByItself) = (JobStatus.Paused, why.Reason, why.Kind == InterruptionKind.Space);

    private static void Queue(TrainingJobRow row) => (row.Status, row.StatusReason, row.ResumesByItself) = (JobStatus.Queued, null, false);

    /// <summary>Changes a row through the gate, with the event that tells of it if there is one.</summary>
    private async Task<JobTransition> ChangeAsync(string id, Func<TrainingJobRow, bool> change, Func<TrainingJobRow, JobEventRow?> tell, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var row = await database.Set<TrainingJobRow>().SingleOrDefaultAsync(job => job.Id == id, cancellationToken);
            if (row is null)
                return JobTransition.Unknown;
            if (!change(row))
                return JobTransition.Illegal;
            if (tell(row) is { } told)
                database.Add(told);
            await database.SaveChangesAsync(cancellationToken);
            bell.Ring(id);
            return JobTransition.Done;
        }
        finally
        {
            _gate.Release();
        }
    }
}
