using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs.DryRuns;

/// <summary>What a training job would be. Nothing of it is queued or kept.</summary>
public sealed record DryRunResponse
{
    /// <summary>The model that the result would become a version of.</summary>
    public required string Model { get; init; }

    public required TaskKind Task { get; init; }

    /// <summary>What would be learned from.</summary>
    public required DryRunDataset Dataset { get; init; }

    /// <summary>What would be measured on.</summary>
    public required DryRunValidation Validation { get; init; }

    /// <summary>The tags that the job would have.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>What whoever asks for the job should know; empty where there is nothing.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Every choice, the caller's and the service's.</summary>
    public required ResolvedResponse Resolved { get; init; }

    /// <summary>Why the service chose what the request leaves out, each in words, in the order of `resolved`.</summary>
    public required IReadOnlyList<ResolvedChoice> Reasons { get; init; }

    /// <summary>Time and memory that the job would take.</summary>
    public required DryRunEstimate Estimate { get; init; }
}

/// <summary>The part of a dataset to learn from.</summary>
/// <param name="Name">The dataset's name; that of data within the request is the one that a job would give it.</param>
/// <param name="Sha256">SHA-256 of its content, lower-case hexadecimal.</param>
/// <param name="Sequences">Sequences to learn from; 1 for one long text.</param>
/// <param name="Characters">Their characters.</param>
/// <param name="Tokens">Tokens that an epoch reads, those beyond `sequenceLength` left out; null where nothing was measured.</param>
public sealed record DryRunDataset(string Name, string Sha256, long Sequences, long Characters, long? Tokens);

/// <summary>The part to measure on.</summary>
/// <param name="Fraction">The part of the dataset that is held back; null with a dataset of its own.</param>
/// <param name="Dataset">A dataset of its own; null with a fraction.</param>
/// <param name="Method">How the part is chosen: `contiguous` (the last part of one long text), `shuffled` (lines), `stratified` (by label), or `given`.</param>
/// <param name="Sequences">Sequences to measure on; 1 for one long text.</param>
/// <param name="Characters">Their characters.</param>
/// <param name="Tokens">Tokens that a validation reads; null where nothing was measured.</param>
public sealed record DryRunValidation(double? Fraction, JobDatasetResponse? Dataset, string Method, long Sequences, long Characters, long? Tokens);

/// <summary>
/// What a job would take, from some two seconds of its own training on this machine. Times are null where the machine has too little memory for the job, which `warnings` says then.
/// </summary>
public sealed record DryRunEstimate
{
    /// <summary>Seconds from the job's start to its end if all epochs are trained, or as many as `maxSeconds` allows. Early stopping usually ends it sooner.</summary>
    public required double? SecondsAtMost { get; init; }

    /// <summary>Seconds of an epoch, its validation and what is told of it included.</summary>
    public required double? SecondsPerEpoch { get; init; }

    /// <summary>Seconds before the first update: reading the data, its vocabulary, first weights, and the range test if there is one.</summary>
    public required double? PreparationSeconds { get; init; }

    /// <summary>Seconds after the last epoch: the model is measured, compared with simple ones, and published.</summary>
    public required double? EvaluationSeconds { get; init; }

    /// <summary>Training tokens a second while updates are made.</summary>
    public required double? TokensPerSecond { get; init; }

    /// <summary>Updates whose time was taken; those that warm up do not count.</summary>
    public required int MeasuredSteps { get; init; }

    /// <summary>Seconds that they took.</summary>
    public required double MeasuredSeconds { get; init; }

    /// <summary>The most memory that the process will have in use while the job runs: what it uses now and what the job takes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Threads that the job is fastest with, of those that it may use.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether jobs were running during the measurement: then the times are those of a machine as busy as now.</summary>
    public required bool Busy { get; init; }

    /// <summary>When the job would be likely to begin, were it asked for now; null when that cannot be told, as while the disk has no room for another job, which `warnings` says then.</summary>
    public required DateTimeOffset? StartsAt { get; init; }

    /// <summary>Where it would wait.</summary>
    public required DryRunQueuePlace Queue { get; init; }
}

/// <summary>Where a job would wait.</summary>
/// <param name="Position">Its place among the waiting jobs; 1 is next.</param>
/// <param name="Waiting">Jobs that wait now.</param>
/// <param name="Full">Whether so many wait as may: then the job itself would be answered with 503 now.</param>
public sealed record DryRunQueuePlace(int Position, int Waiting, bool Full);
