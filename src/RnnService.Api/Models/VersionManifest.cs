using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>
/// What <c>manifest.json</c> of a model version says. It names neither the model nor the version: the folder does, so that a
/// folder can be copied elsewhere and stay whole.
/// </summary>
public sealed record VersionManifest
{
    /// <summary>The format that this service writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The format of this manifest.</summary>
    public required int FormatVersion { get; init; }

    public required TaskKind Task { get; init; }

    public required ArchitectureSettings Architecture { get; init; }

    public required TrainingSummary Training { get; init; }

    public required TokenizerSummary Tokenizer { get; init; }

    /// <summary>The labels of a classifier in the order of its outputs, or those that a conditional language model reads; empty for other language models.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The share of each label in the training examples, in the order of the labels; null but for conditional language models.</summary>
    public IReadOnlyList<double>? LabelShares { get; init; }

    /// <summary>The version that this one was trained from; null: from nothing.</summary>
    public VersionLineage? Lineage { get; init; }

    /// <summary>What a classifier's logits are divided by before they become probabilities, fitted on the validation split; 1 where none was fitted, <c>null</c> for language models.</summary>
    public double? Temperature { get; init; }

    /// <summary>Measured on the validation split; a value that is not finite is <c>null</c>.</summary>
    public required IReadOnlyDictionary<string, double?> Metrics { get; init; }

    public required DatasetIdentity Dataset { get; init; }

    public required SplitSummary Split { get; init; }

    /// <summary>The key of all randomness of the training.</summary>
    public required long Seed { get; init; }

    /// <summary>The job that made this version. Publishing is idempotent on it.</summary>
    public required string JobId { get; init; }

    /// <summary>When the version was written.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Trained values, all tensors together.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of all files but this one.</summary>
    public required long Bytes { get; init; }

    /// <summary>The tags of the job.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>The files, each with its hash.</summary>
    public required IReadOnlyList<FileEntry> Files { get; init; }
}

/// <summary>How a model's text is cut into tokens.</summary>
public sealed record TokenizerSummary
{
    public required TokenizerKind Kind { get; init; }

    /// <summary>Tokens, special ones included.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Whether text is lower-cased before it is cut.</summary>
    public required bool LowerCase { get; init; }
}

/// <summary>A dataset by name and by content.</summary>
public sealed record DatasetIdentity
{
    /// <summary>Its name at that time.</summary>
    public required string Name { get; init; }

    /// <summary>Of the content, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>What was learned from and what was measured on.</summary>
public sealed record SplitSummary
{
    /// <summary>The part held back; <c>null</c> when a dataset of its own was given.</summary>
    public double? ValidationFraction { get; init; }

    /// <summary>The dataset measured on; <c>null</c> when it is a part of the training dataset.</summary>
    public DatasetIdentity? ValidationDataset { get; init; }

    /// <summary>How the part was chosen: <c>contiguous</c> (the end of one long text), <c>stratified</c> (seeded, label by label), <c>shuffled</c> (seeded) or <c>given</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Sequences to learn from (1 for one long text).</summary>
    public required long TrainingSequences { get; init; }

    /// <summary>Sequences measured on (1 for one long text).</summary>
    public required long ValidationSequences { get; init; }

    /// <summary>Characters (Unicode scalar values) to learn from.</summary>
    public required long TrainingCharacters { get; init; }

    /// <summary>Characters measured on.</summary>
    public required long ValidationCharacters { get; init; }
}

/// <summary>One file of a version.</summary>
public sealed record FileEntry
{
    /// <summary>Its name in the folder.</summary>
    public required string Name { get; init; }

    /// <summary>Its size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}
