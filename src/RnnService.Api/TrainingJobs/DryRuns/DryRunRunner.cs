using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using RnnService.Api.Hosting;

namespace RnnService.Api.TrainingJobs.DryRuns;

/// <summary>How a dry run ended: with an answer, with the refusal that the job would meet, or with neither because too many wait or it took too long.</summary>
/// <param name="Answer">The answer, or <c>null</c>.</param>
/// <param name="Refused">The refusal, or <c>null</c>.</param>
public sealed record DryRunOutcome(DryRunResponse? Answer, CreationOutcome? Refused)
{
    /// <summary>Whether it took more time, waiting left out, than a request may.</summary>
    public bool TookTooLong { get; init; }
}

/// <summary>Tries jobs out. One at a time, as two would measure each other; the others wait, up to a limit.</summary>
public sealed class DryRunRunner(
    TrainingJobCreation creation, JobBases bases, TrainingDesk desk, IOptions<TrainingOptions> options, IOptions<HostingOptions> hosting, TimeProvider time, ILogger<DryRunRunner> logger) : IDisposable
{
    /// <summary>Bytes that a running job takes besides its data and its network: code that is compiled on the way, and garbage that nobody has collected yet.</summary>
    private const long RuntimeBytes = 48 << 20;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _present;

    /// <summary>Tells what a job would be and take; nothing of it is kept. The time that it may take begins with its turn.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<DryRunOutcome> RunAsync(TrainingJobRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _present) > 1 + options.Value.MaxWaitingDryRuns)
                return new DryRunOutcome(null, null);
            await _turn.WaitAsync(cancellationToken);
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(TimeSpan.FromSeconds(hosting.Value.RequestTimeoutSeconds));
                try
                {
                    return await TryOutAsync(request, limit.Token);
                }
                catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    return new DryRunOutcome(null, null) { TookTooLong = true };
                }
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _present);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<DryRunOutcome> TryOutAsync(TrainingJobRequest request, CancellationToken cancellationToken)
    {
        DryRunOutcome? outcome = null;
        long start = Stopwatch.GetTimestamp();
        var refused = await creation.TryOutAsync(request, async job => outcome = await MeasureAsync(request, job, start, cancellationToken), cancellationToken);
        return outcome ?? new DryRunOutcome(null, refused);
    }

    private async Task<DryRunOutcome> MeasureAsync(TrainingJobRequest request, PlannedJob job, long start, CancellationToken cancellationToken)
    {
        var plan = job.Plan;
        using var from = await bases.LoadOrNullAsync(plan.Base, cancellationToken);
        // The job would be taken, and would fail when it begins.
        if (plan.Base is { } needed && from is null)
            return new DryRunOutcome(null, new CreationOutcome(CreationStatus.NoBase) { BaseRefusal = ServiceProblems.Conflict(JobErrors.BaseIsGone(needed).Detail) });
        double reading = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var runnable = job.Runnable with { Base = from };
        long memory = Environment.WorkingSet + plan.MemoryBytes + RuntimeBytes, available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        bool fits = memory <= available, busy = desk.Running.Count > 0;
        var measured = !fits ? null : await BackgroundThread.RunAsync(
            "dry run", options.Value.Niceness, logger, () => new JobMeasurement(runnable, job.Data, options.Value.ThreadsOfJob, TimeSpan.FromSeconds(options.Value.DryRunSeconds)).Run(cancellationToken));
        var (place, waiting) = await creation.PlaceAsync(request, job, cancellationToken);
        var split = job.Data.Summary(plan);
        var answer = new DryRunResponse
        {
            Model = request.Model,
            Task = request.Task,
            Dataset = new DryRunDataset(plan.Dataset.Name, plan.Dataset.Sha256, split.TrainingSequences, split.TrainingCharacters, measured?.Training.TokensPerEpoch),
            Validation = new DryRunValidation(
                plan.ValidationFraction, plan.ValidationDataset is { } own ? JobJson.Shown(own) : null, split.Method, split.ValidationSequences, split.ValidationCharacters, measured?.Training.ValidationTokens),
            Tags = plan.Tags,
            Warnings = [.. plan.Warnings, .. fits ? [] : new[] { TooLarge(memory, available) }, .. desk.Shortage is { } shortage ? new[] { $"No training job is begun now: {shortage}" } : []],
            Resolved = new ResolvedResponse(plan.Architecture, plan.Training, plan.Parameters, plan.MemoryBytes, plan.Base),
            Reasons = plan.Reasons ?? [],
            Estimate = new DryRunEstimate
            {
                SecondsAtMost = reading + measured?.SecondsAtMost,
                SecondsPerEpoch = measured?.SecondsPerEpoch,
                PreparationSeconds = reading + measured?.PreparationSeconds,
                EvaluationSeconds = measured?.EvaluationSeconds,
                TokensPerSecond = measured?.Training.TokensPerSecond,
                MeasuredSteps = measured?.Training.MeasuredSteps ?? 0,
                MeasuredSeconds = measured?.Training.MeasuredSeconds ?? 0,
                MemoryBytes = memory,
                Threads = measured?.Training.Threads ?? options.Value.ThreadsOfJob,
                Busy = busy || desk.Running.Count > 0,
                StartsAt = place.EstimatedStartAt is { } at && at < time.GetUtcNow() ? time.GetUtcNow() : place.EstimatedStartAt,
                Queue = new DryRunQueuePlace(place.Position, waiting, waiting >= options.Value.MaxQueuedJobs),
            },
        };
        return new DryRunOutcome(answer, null);
    }

    private static string TooLarge(long memory, long available) => string.Create(
        CultureInfo.InvariantCulture, $"The process would need about {memory >> 20:N0} MiB of memory while the job runs, and {available >> 20:N0} MiB are there; nothing was measured.");
}
