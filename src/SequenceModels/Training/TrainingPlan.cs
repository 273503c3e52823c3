using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Training;

/// <summary>A training run with every choice made.</summary>
public sealed record TrainingPlan
{
    /// <summary>What is learned.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The network.</summary>
    public required ArchitectureSettings Architecture { get; init; }

    /// <summary>The run.</summary>
    public required TrainingSettings Training { get; init; }

    /// <summary>Text to tokens and back, built from the training examples alone.</summary>
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>The classes of a classifier, or the labels that a language model reads, in ordinal order; empty for a language model of unlabelled text.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The share of each label in the training examples, in the order of <see cref="Labels"/>; empty without labels.</summary>
    public IReadOnlyList<double> LabelShares { get; init; } = [];

    /// <summary>The model that the run starts from; <c>null</c>: from nothing. Not owned; it must hold weights when the run begins.</summary>
    public TrainingBase? Base { get; init; }

    /// <summary>Every choice that the request left open, with its reason.</summary>
    public IReadOnlyList<AutomaticChoice> Choices { get; init; } = [];

    /// <summary>What the base's vocabulary makes of the data; <c>null</c> without a base.</summary>
    public BaseVocabulary? BaseVocabulary { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Peak memory of the run in bytes, estimated: the texts, their tokens and all that training allocates.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Parameter updates an epoch.</summary>
    public required int StepsPerEpoch { get; init; }
}

/// <summary>What becomes of a base's vocabulary on the data of a run.</summary>
/// <param name="Kept">Ordinary tokens of the base.</param>
/// <param name="Added">Tokens of the data that were added behind them, with rows of the embedding that begin at random.</param>
/// <param name="Tokens">Tokens of the texts to learn from.</param>
/// <param name="Unknown">How many of them stay unknown.</param>
/// <param name="DifferentUnknown">How many different ones those are.</param>
public sealed record BaseVocabulary(int Kept, int Added, long Tokens, long Unknown, int DifferentUnknown);

/// <summary>A plan, or why there can be none.</summary>
/// <param name="Plan">The plan, or <c>null</c>.</param>
/// <param name="Refusal">Why the data cannot be learned from, and what would be enough; <c>null</c> with a plan.</param>
public readonly record struct PlanOutcome(TrainingPlan? Plan, string? Refusal);
