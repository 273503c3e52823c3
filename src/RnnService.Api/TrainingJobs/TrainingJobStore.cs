using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;
using RnnService.Api.TrainingJobs.Events;

namespace RnnService.Api.TrainingJobs;

/// <summary>How asking a job to change ended.</summary>
public enum JobTransition
{
    Done,
    Unknown,
    Illegal,
}

/// <summary>
/// Keeps jobs and their changes of status, each with its event. All changes go through one gate, so that each is decided on what is true at that moment.
/// </summary>
public sealed partial class TrainingJobStore(
    IDbContextFactory<ServiceDbContext> databases, TrainingDesk queue, WaitingJobs places, JobEventBell bell, JobCheckpoints checkpoints, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>A job as it is now; <c>null</c> when there is none of that id.</summary>
    public async Task<TrainingJobResponse?> FindOrNullAsync(string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<TrainingJobRow>().AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, cancellationToken);
        if (row is null)
            return null;
        var queued = row.Status == JobStatus.Queued ? await places.PlacesAsync(database, null, cancellationToken) : null;
        return Response(row, queued);
    }

    /// <summary>Jobs with their sequence numbers, newest first, before a sequence number.</summary>
    public async Task<IReadOnlyList<(long Sequence, TrainingJobResponse Job)>> ListAsync(
        JobStatus? status, string? model, long? before, int take, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<TrainingJobRow>().AsNoTracking()
            .Where(job => (status == null || job.Status == status) && (model == null || job.Model == model) && (before == null || job.Sequence < before))
            .OrderByDescending(job => job.Sequence).Take(take).ToListAsync(cancellationToken);
        var queued = rows.Any(row => row.Status == JobStatus.Queued) ? await places.PlacesAsync(database, null, cancellationToken) : null;
        return [.. rows.Select(row => (row.Sequence, Response(row, queued)))];
    }

    /// <summary>Makes the first job of the queue one that runs, or one that was interrupted, which comes before all that wait; <c>null</c> when there is none.</summary>
    public async Task<(TrainingJobRow Row, RunningJob Running)?> ClaimOrNullAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var running = queue.Running;
            var row = await database.Set<TrainingJobRow>()
                .Where(job => job.Status == JobStatus.Queued || (job.Status == JobStatus.Running && !running.Contains(job.Id)))
                .OrderByDescending(job => job.Status == JobStatus.Running).ThenByDescending(job => job.Priority).ThenBy(job => job.Sequence).FirstOrDefaultAsync(cancellationToken);
            if (row is null)
                return null;
            bool again = row.Status == JobStatus.Running;
            row.Status = JobStatus.Running;
            row.StartedAt = time.GetUtcNow();
            row.StatusReason = null;
            database.Add(StatusEvents.Started(row, again));
            await database.SaveChangesAsync(cancellationToken);
            bell.Ring(row.Id);
            return (row, queue.Begin(row.Id));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes down how far a job is, as long as it runs.</summary>
    public async Task SaveProgressAsync(string id, ProgressResponse progress, CancellationToken cancellationToken)
    {
        string json = JobJson.Write(progress);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<TrainingJobRow>().Where(job => job.Id == id && job.Status == JobStatus.Running)
            .ExecuteUpdateAsync(update => update.SetProperty(job => job.ProgressJson, json), cancellationToken);
    }

    /// <summary>Ends a running job well.</summary>
    public Task SucceedAsync(string id, JobResultResponse result, CancellationToken cancellationToken) =>
        FinishAsync(
            id,
            row =>
            {
                row.Status = JobStatus.Succeeded;
                row.ResultJson = JobJson.Write(result);
                var progress = queue.FindOrNull(id)?.Progress ?? JobJson.Read<ProgressResponse>(row.ProgressJson);
                row.ProgressJson = JobJson.Write(progress with { Fraction = 1, EtaSeconds = 0 });
            },
            row => StatusEvents.Succeeded(row, result),
            cancellationToken);

    /// <summary>Ends a running job badly.</summary>
    public Task FailAsync(string id, JobError error, CancellationToken cancellationToken) =>
        FinishAsync(
            id,
            row =>
            {
                row.Status = JobStatus.Failed;
                row.ErrorJson = JobJson.Write(error);
                KeepProgress(row);
            },
            row => StatusEvents.Failed(row, error),
            cancellationToken);

    /// <summary>Cancels a job that waits, runs or is paused. What is being published already cannot be cancelled.</summary>
    public async Task<JobTransition> CancelAsync(string id, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var row = await database.Set<TrainingJobRow>().SingleOrDefaultAsync(job => job.Id == id, cancellationToken);
            if (row is null)
                return JobTransition.Unknown;
            if (!JobStatuses.Active.Contains(row.Status) || queue.FindOrNull(id)?.TryCancel() == false)
                return JobTransition.Illegal;
            bool runs = row.Status == JobStatus.Running && queue.FindOrNull(id) is not null;
            row.Status = JobStatus.Cancelled;
            row.FinishedAt = time.GetUtcNow();
            (row.StatusReason, row.ResumesByItself) = (null, false);
            KeepProgress(row);
            database.Add(StatusEvents.Cancelled(row));
            // The run leaves already: whether the one who asked is still there makes no difference.
            await database.SaveChangesAsync(CancellationToken.None);
            bell.Ring(id);
            if (!runs) // one that runs removes them itself, when it writes none any more
                checkpoints.Delete(id);
            return JobTransition.Done;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Whether a job has ended or is gone. Asked through the gate, it waits for the change that is being made.</summary>
    public async Task<bool> HasEndedAsync(string id, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            return !await database.Set<TrainingJobRow>().AnyAsync(job => job.Id == id && JobStatuses.Active.Contains(job.Status), cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Deletes a job that has ended, with its events. The version that it made stays.</summary>
    public async Task<JobTransition> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var row = await database.Set<TrainingJobRow>().SingleOrDefaultAsync(job => job.Id == id, cancellationToken);
            if (row is null)
                return JobTransition.Unknown;
            if (JobStatuses.Active.Contains(row.Status))
                return JobTransition.Illegal;
            database.Remove(row);
            await database.SaveChangesAsync(cancellationToken);
            bell.Ring(id);
            return JobTransition.Done;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    // A job that began between the reading of its row and of the queue has no place any more.
    private TrainingJobResponse Response(TrainingJobRow row, IReadOnlyDictionary<string, QueuePlace>? queued)
    {
        var running = row.Status == JobStatus.Running ? queue.FindOrNull(row.Id) : null;
        // One that was interrupted by the end of the process is still marked as running, and waits as all others do.
        bool waits = row.Status == JobStatus.Queued || (row.Status == JobStatus.Running && running is null);
        string? reason = waits ? queue.Shortage : row.StatusReason;
        return JobJson.ToResponse(row, running?.Progress, queued?.GetValueOrDefault(row.Id)) with { StatusReason = reason };
    }

    private void KeepProgress(TrainingJobRow row)
    {
        if (queue.FindOrNull(row.Id)?.Progress is { } progress)
            row.ProgressJson = JobJson.Write(progress with { EtaSeconds = null });
    }

    private async Task FinishAsync(string id, Action<TrainingJobRow> finish, Func<TrainingJobRow, JobEventRow> tell, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var row = await database.Set<TrainingJobRow>().SingleOrDefaultAsync(job => job.Id == id && job.Status == JobStatus.Running, cancellationToken);
            if (row is null)
                return;
            finish(row);
            row.FinishedAt = time.GetUtcNow();
            database.Add(tell(row));
            await database.SaveChangesAsync(cancellationToken);
            bell.Ring(id);
        }
        finally
        {
            _gate.Release();
        }
    }
}
