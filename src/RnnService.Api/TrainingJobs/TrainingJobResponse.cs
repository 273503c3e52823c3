using System.Text.Json.Serialization;
using RnnService.Api.Models;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Where a training job stands.</summary>
public enum JobStatus
{
    Queued,
    Running,
    Paused,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>A training job.</summary>
public sealed record TrainingJobResponse
{
    /// <summary>The name of the job; nothing can be told from it.</summary>
    public required string Id { get; init; }

    /// <summary>The model that the result becomes a version of.</summary>
    public required string Model { get; init; }

    public required TaskKind Task { get; init; }

    public required JobStatus Status { get; init; }

    /// <summary>Why the job is paused, or why it waits although nothing else runs, also if it is `running` and was interrupted by the end of the service; null where there is nothing to explain.</summary>
    public string? StatusReason { get; init; }

    /// <summary>Of the jobs that wait, those of the highest priority run first.</summary>
    public required int Priority { get; init; }

    /// <summary>Where it waits; null unless it is queued.</summary>
    public required QueuePlace? Queue { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it began, the last time; null before.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What is learned from; found by its content, whatever becomes of the name.</summary>
    public required JobDatasetResponse Dataset { get; init; }

    public required JobValidationResponse Validation { get; init; }

    /// <summary>The tags that it was given.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>Every choice, the caller's and the service's.</summary>
    public required ResolvedResponse Resolved { get; init; }

    /// <summary>What whoever asked for the job should know; empty where there is nothing.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public required ProgressResponse Progress { get; init; }

    /// <summary>The version that was published; null until the job has succeeded.</summary>
    public required JobResultResponse? Result { get; init; }

    /// <summary>Why the job failed; null unless it did.</summary>
    public required JobError? Error { get; init; }
}

/// <summary>A dataset of a job.</summary>
/// <param name="Name">Its name when the job was asked for.</param>
/// <param name="Sha256">SHA-256 of its content, lower-case hexadecimal.</param>
public sealed record JobDatasetResponse(string Name, string Sha256);

/// <summary>What is measured on: one of the two.</summary>
/// <param name="Fraction">The part of the dataset that is held back; null with a dataset of its own.</param>
/// <param name="Dataset">A dataset of its own; null with a fraction.</param>
public sealed record JobValidationResponse(double? Fraction, JobDatasetResponse? Dataset);

/// <summary>Every choice of a job.</summary>
/// <param name="Architecture">The network.</param>
/// <param name="Training">The training.</param>
/// <param name="Parameters">Trained values, all tensors together.</param>
/// <param name="MemoryBytes">Memory that training takes, estimated: the data, the run, and the best model so far, which requests may use meanwhile.</param>
/// <param name="Base">The version that the job starts from; null: it starts from nothing.</param>
public sealed record ResolvedResponse(ArchitectureSettings Architecture, TrainingSummary Training, long Parameters, long MemoryBytes, JobBase? Base = null)
{
    /// <summary>Why the service chose what the request left out, in the order of the members; null in the answer of a dry run, which has them as `reasons` of its own.</summary>
    public IReadOnlyList<ResolvedChoice>? Reasons { get; init; }
}

/// <summary>How far a job is. Losses are nats a token; null where there is nothing to tell yet.</summary>
public sealed record ProgressResponse
{
    /// <summary>The epoch under way or ended last, from 1; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs at most.</summary>
    public int Epochs { get; init; }

    /// <summary>Updates done.</summary>
    public long Step { get; init; }

    /// <summary>Updates at most.</summary>
    public long TotalSteps { get; init; }

    /// <summary>0..1.</summary>
    public double Fraction { get; init; }

    /// <summary>Training tokens a second since the run began.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Seconds since the run began.</summary>
    public double ElapsedSeconds { get; init; }

    /// <summary>Seconds that the rest of the training takes at most, at the speed of late and within its `maxSeconds`; null in the first two seconds of updates.</summary>
    public double? EtaSeconds { get; init; }

    /// <summary>The speed of late, in updates; null where it cannot be told. Known while the job runs only.</summary>
    [JsonIgnore]
    public double? UpdatesPerSecond { get; init; }

    /// <summary>How far the learning-rate range test is, which goes before the first epoch, and what it found; null without one.</summary>
    public RangeTestProgress? RangeTest { get; init; }

    /// <summary>Mean loss of the epoch so far.</summary>
    public double? TrainingLoss { get; init; }

    /// <summary>After the last whole epoch.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The least so far.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>The progress of a job that has not begun.</summary>
    public static ProgressResponse Before(int epochs, long totalSteps) => new() { Epochs = epochs, TotalSteps = totalSteps };

    /// <summary>A report of the trainer, with what can be told from it. While the run is prepared it does not know its steps yet: then those planned are told.</summary>
    /// <param name="progress">The report.</param>
    /// <param name="plannedSteps">Updates of all epochs.</param>
    /// <param name="updatesPerSecond">The speed of late; null where it cannot be told.</param>
    /// <param name="maxSeconds">Seconds after which the training ends; null: it has no limit.</param>
    public static ProgressResponse Of(TrainingProgress progress, long plannedSteps, double? updatesPerSecond, int? maxSeconds)
    {
        long totalSteps = progress.TotalSteps > 0 ? progress.TotalSteps : plannedSteps;
        double fraction = totalSteps > 0 ? Math.Clamp((double)progress.Step / totalSteps, 0, 1) : 0;
        double elapsed = progress.Elapsed.TotalSeconds;
        // The updates of a range test are such as those of the training.
        long left = Math.Max(0, totalSteps - progress.Step) + (progress.RangeTest is { Found: null } test ? test.Steps - test.Step : 0);
        double? rest = left == 0 ? 0 : left / updatesPerSecond;
        return new ProgressResponse
        {
            Epoch = progress.Epoch,
            Epochs = progress.Epochs,
            Step = progress.Step,
            TotalSteps = totalSteps,
            Fraction = fraction,
            TokensPerSecond = Finite(progress.TokensPerSecond),
            ElapsedSeconds = elapsed,
            EtaSeconds = rest is { } seconds && maxSeconds - elapsed is { } allowed ? Math.Clamp(allowed, 0, seconds) : rest,
            UpdatesPerSecond = updatesPerSecond,
            RangeTest = progress.RangeTest,
            TrainingLoss = Finite(progress.TrainingLoss),
            ValidationLoss = Finite(progress.ValidationLoss),
            BestValidationLoss = Finite(progress.BestValidationLoss),
        };
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

/// <summary>What a job published.</summary>
/// <param name="Version">The version's number.</param>
/// <param name="Reference">Names it wherever a model reference is read.</param>
/// <param name="Metrics">Measured on the validation data.</param>
public sealed record JobResultResponse(int Version, string Reference, IReadOnlyDictionary<string, double?> Metrics);

/// <summary>Why a job failed, as a problem (RFC 9457).</summary>
/// <param name="Type">The kind of problem, a URI relative to the service.</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Status">The HTTP status that the problem would have had as an answer.</param>
/// <param name="Detail">What happened to this job.</param>
public sealed record JobError(string Type, string Title, int Status, string Detail);
