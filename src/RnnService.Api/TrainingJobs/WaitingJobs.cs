using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using RnnService.Api.Storage;

namespace RnnService.Api.TrainingJobs;

/// <summary>Where a job waits.</summary>
/// <param name="Position">Its place among the waiting jobs; 1 is next.</param>
/// <param name="EstimatedStartAt">When it is likely to begin, if those before it run to their ends; null when that cannot be told, as while the disk has no room for another job.</param>
public sealed record QueuePlace(int Position, DateTimeOffset? EstimatedStartAt);

/// <summary>
/// The order of the waiting jobs - the highest priority first, in it the oldest - and a guess of when each will begin: what runs takes as long as it says, what waits takes its work at the speed that was
/// measured last, or its limit of time if that is less. Jobs that stop early make all later ones begin sooner.
/// </summary>
public sealed class WaitingJobs(TrainingDesk desk, IOptions<TrainingOptions> options, TimeProvider time)
{
    /// <summary>Ended jobs whose speed is looked at while no running one has shown its own.</summary>
    private const int MeasuredJobs = 5;

    /// <summary>Seconds that a job that has ended must have run for its speed to be trusted.</summary>
    private const double LeastSeconds = 0.2;

    /// <summary>How much there is to compute: parameters times tokens of all epochs.</summary>
    public static double WorkOf(JobPlan plan, int stepsPerEpoch) =>
        (double)plan.Parameters * plan.Training.Epochs * stepsPerEpoch * plan.Training.GradientAccumulation * plan.Training.BatchSize * plan.Training.SequenceLength;

    /// <summary>The places of all waiting jobs by their ids, that of a job that is about to wait among them.</summary>
    public async Task<IReadOnlyDictionary<string, QueuePlace>> PlacesAsync(ServiceDbContext database, TrainingJobRow? newcomer, CancellationToken cancellationToken)
    {
        var waiting = await database.Set<TrainingJobRow>().Where(job => job.Status == JobStatus.Queued)
            .Select(job => new Waiting(job.Id, job.Priority, job.Sequence, job.Work, job.MaxSeconds)).ToListAsync(cancellationToken);
        if (newcomer is not null)
            waiting.Add(new Waiting(newcomer.Id, newcomer.Priority, long.MaxValue, newcomer.Work, newcomer.MaxSeconds));
        var running = await MeasureAsync(database.Set<TrainingJobRow>().Where(job => job.Status == JobStatus.Running), cancellationToken);
        double? speed = SpeedOfLate(running)
            ?? Speed(await MeasureAsync(database.Set<TrainingJobRow>().Where(job => job.Status == JobStatus.Succeeded).OrderByDescending(job => job.Sequence).Take(MeasuredJobs), cancellationToken));

        // When each slot is free, in seconds from now; a slot whose job does not know is free nobody knows when.
        var free = new PriorityQueue<double, double>();
        for (int slot = 0; slot < options.Value.MaxConcurrentJobs; slot++)
        {
            double seconds = slot >= running.Count ? 0 : running[slot].Progress.EtaSeconds ?? Seconds(running[slot].Work, speed, running[slot].MaxSeconds);
            free.Enqueue(seconds, seconds);
        }

        var now = time.GetUtcNow();
        var places = new Dictionary<string, QueuePlace>(StringComparer.Ordinal);
        foreach (var job in waiting.OrderByDescending(job => job.Priority).ThenBy(job => job.Sequence))
        {
            double start = free.Dequeue();
            places.Add(job.Id, new QueuePlace(places.Count + 1, desk.Shortage is null && start < (DateTimeOffset.MaxValue - now).TotalSeconds ? now.AddSeconds(start) : null));
            double end = start + Seconds(job.Work, speed, job.MaxSeconds);
            free.Enqueue(end, end);
        }

        return places;
    }

    /// <summary>What a job takes, not more than it may; without a speed nobody knows.</summary>
    private static double Seconds(double work, double? speed, int? maxSeconds) =>
        speed is null ? double.PositiveInfinity : Math.Min(work / speed.Value, maxSeconds ?? double.PositiveInfinity);

    /// <summary>Work a second of those that run, the mean of what they do now.</summary>
    private static double? SpeedOfLate(IReadOnlyList<Measured> jobs) =>
        jobs.Average(job => job.Progress is { TotalSteps: > 0, UpdatesPerSecond: { } updates } progress ? job.Work * updates / progress.TotalSteps : (double?)null);

    /// <summary>Work a second, of all that tell it together.</summary>
    private static double? Speed(IReadOnlyList<Measured> jobs)
    {
        var telling = jobs.Where(job => job.Progress is { Step: > 0, TotalSteps: > 0, ElapsedSeconds: >= LeastSeconds }).ToList();
        double done = telling.Sum(job => job.Work * job.Progress.Step / job.Progress.TotalSteps), seconds = telling.Sum(job => job.Progress.ElapsedSeconds);
        return done > 0 ? done / seconds : null;
    }

    private async Task<List<Measured>> MeasureAsync(IQueryable<TrainingJobRow> jobs, CancellationToken cancellationToken)
    {
        var rows = await jobs.Select(job => new { job.Id, job.Work, job.MaxSeconds, job.ProgressJson }).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new Measured(row.Work, row.MaxSeconds, desk.FindOrNull(row.Id)?.Progress ?? JobJson.Read<ProgressResponse>(row.ProgressJson)))];
    }

    private sealed record Waiting(string Id, int Priority, long Sequence, double Work, int? MaxSeconds);

    private sealed record Measured(double Work, int? MaxSeconds, ProgressResponse Progress);
}
