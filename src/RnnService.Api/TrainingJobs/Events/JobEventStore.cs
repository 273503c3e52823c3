using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;
using SequenceModels.Training.Advice;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>Keeps the events of jobs. An event is told only after it is on disk. Changes of status are written with the status itself, in <see cref="TrainingJobStore"/>.</summary>
public sealed class JobEventStore(IDbContextFactory<ServiceDbContext> databases, JobEventBell bell)
{
    /// <summary>Writes what happened to a job that is being trained, in its order. After the event of a job's end nothing comes any more: what a run that is being cancelled still says is left out.</summary>
    public async Task AppendAsync(string jobId, IReadOnlyList<JobEventRow> events, CancellationToken cancellationToken)
    {
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            // SQLite lets a transaction of this kind begin only when no other one writes: the status cannot change before it ends.
            await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
            var status = await StatusOrNullAsync(database, jobId, cancellationToken);
            if (status is not (JobStatus.Running or JobStatus.Paused))
                return;
            database.AddRange(events);
            // The rows get no numbers of their own here: whoever writes them again, because the transaction failed, gets new ones.
            await database.SaveChangesAsync(acceptAllChangesOnSuccess: false, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        bell.Ring(jobId);
    }

    /// <summary>What the events of a job have told already.</summary>
    public async Task<RecordedRun> ReadRecordedAsync(string jobId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = database.Set<JobEventRow>().AsNoTracking().Where(happened => happened.JobId == jobId && happened.Type != JobEventType.Status);
        long metrics = -1, validated = -1, sample = -1;
        var advice = new HashSet<AdviceKind>();
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            using var data = JsonDocument.Parse(row.DataJson);
            var root = data.RootElement;
            switch (row.Type)
            {
                case JobEventType.Metrics:
                    metrics = Math.Max(metrics, root.GetProperty("step").GetInt64());
                    if (root.GetProperty("validated").GetBoolean())
                        validated = Math.Max(validated, root.GetProperty("step").GetInt64());
                    break;
                case JobEventType.Sample:
                    sample = Math.Max(sample, root.GetProperty("step").GetInt64());
                    break;
                case JobEventType.Advice:
                    advice.Add(JobJson.Read<AdviceData>(row.DataJson).Kind);
                    break;
            }
        }

        return new RecordedRun(metrics, validated, sample, advice);
    }

    /// <summary>Events of a job behind a sequence number, oldest first.</summary>
    public async Task<IReadOnlyList<JobEventRow>> ListAsync(string jobId, long after, int take, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<JobEventRow>().AsNoTracking()
            .Where(happened => happened.JobId == jobId && happened.Sequence > after)
            .OrderBy(happened => happened.Sequence).Take(take).ToListAsync(cancellationToken);
    }

    /// <summary>The status of a job; <c>null</c> when there is none of that id.</summary>
    public async Task<JobStatus?> StatusOrNullAsync(string jobId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await StatusOrNullAsync(database, jobId, cancellationToken);
    }

    private static Task<JobStatus?> StatusOrNullAsync(ServiceDbContext database, string jobId, CancellationToken cancellationToken) =>
        database.Set<TrainingJobRow>().Where(job => job.Id == jobId).Select(job => (JobStatus?)job.Status).SingleOrDefaultAsync(cancellationToken);
}
