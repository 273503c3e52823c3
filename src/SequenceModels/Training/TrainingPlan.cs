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

    /// <summary>The classes of a classifier, in ordinal order; empty for language models.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Peak memory of the run in bytes, estimated: the texts, their tokens and all that training allocates.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Parameter updates an epoch.</summary>
    public required int StepsPerEpoch { get; init; }
}

/// <summary>A plan, or why there can be none.</summary>
/// <param name="Plan">The plan, or <c>null</c>.</param>
/// <param name="Refusal">Why the data cannot be learned from, and what would be enough; <c>null</c> with a plan.</param>
public readonly record struct PlanOutcome(TrainingPlan? Plan, string? Refusal);
