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
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required TaskKind Task { get; init; }

    public required JobStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What is learned from; found by its content, whatever becomes of the name.</summary>
    public required JobDatasetResponse Dataset { get; init; }

    public required JobValidationResponse Validation { get; init; }

    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>Every choice, the caller's and the service's.</summary>
    public required ResolvedResponse Resolved { get; init; }

    public required ProgressResponse Progress { get; init; }

    /// <summary>The version that was published; null until the job has succeeded.</summary>
    public required JobResultResponse? Result { get; init; }

    /// <summary>Why the job failed; null unless it did.</summary>
    public required JobError? Error { get; init; }
}

/// <summary>A dataset of a job.</summary>
public sealed record JobDatasetResponse(string Name, string Sha256);

/// <summary>What is measured on: one of the two.</summary>
public sealed record JobValidationResponse(double? Fraction, JobDatasetResponse? Dataset);

/// <summary>Every choice of a job.</summary>
/// <param name="Architecture">The network.</param>
/// <param name="Training">The training.</param>
/// <param name="Parameters">Trained values, all tensors together.</param>
/// <param name="MemoryBytes">Memory that training takes, estimated.</param>
public sealed record ResolvedResponse(ArchitectureSettings Architecture, TrainingSettings Training, long Parameters, long MemoryBytes);

/// <summary>How far a job is. Losses are nats a token; null where there is nothing to tell yet.</summary>
public sealed record ProgressResponse
{
    /// <summary>The epoch under way or ended last, from 1; 0 before the first.</summary>
    public int Epoch { get; init; }

    public int Epochs { get; init; }

    public long Step { get; init; }

    public long TotalSteps { get; init; }

    /// <summary>0..1.</summary>
    public double Fraction { get; init; }

    public double? TokensPerSecond { get; init; }

    public double ElapsedSeconds { get; init; }

    public double? EtaSeconds { get; init; }

    public double? TrainingLoss { get; init; }

    public double? ValidationLoss { get; init; }

    public double? BestValidationLoss { get; init; }

    /// <summary>The progress of a job that has not begun.</summary>
    public static ProgressResponse Before(int epochs, long totalSteps) => new() { Epochs = epochs, TotalSteps = totalSteps };

    /// <summary>A report of the trainer, with what can be told from it. While the run is prepared it does not know its steps yet: then those planned are told.</summary>
    public static ProgressResponse Of(TrainingProgress progress, long plannedSteps)
    {
        long totalSteps = progress.TotalSteps > 0 ? progress.TotalSteps : plannedSteps;
        double fraction = totalSteps > 0 ? Math.Clamp((double)progress.Step / totalSteps, 0, 1) : 0;
        double elapsed = progress.Elapsed.TotalSeconds;
        return new ProgressResponse
        {
            Epoch = progress.Epoch,
            Epochs = progress.Epochs,
            Step = progress.Step,
            TotalSteps = totalSteps,
            Fraction = fraction,
            TokensPerSecond = Finite(progress.TokensPerSecond),
            ElapsedSeconds = elapsed,
            EtaSeconds = fraction > 0 ? elapsed * (1 - fraction) / fraction : null,
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
