using SequenceModels.Tasks;

namespace SequenceModels.Serialization;

/// <summary>What <c>manifest.json</c> of a saved model says. That of a version that the service trained says the same and more, so that either can be loaded.</summary>
internal sealed record ModelManifest
{
    public const int CurrentFormat = 1;

    public required int FormatVersion { get; init; }

    public required TaskKind Task { get; init; }

    public required ArchitectureSettings Architecture { get; init; }

    /// <summary>The labels of a classifier in the order of its outputs, or those that a conditional language model reads; empty for other language models.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>What a classifier's logits are divided by; left out, 1.</summary>
    public double? Temperature { get; init; }

    /// <summary>Left out for language models, which need nothing of it.</summary>
    public RunPart? Training { get; init; }

    /// <summary>What of the training matters afterwards.</summary>
    /// <param name="SequenceLength">Tokens of a text that a classifier reads.</param>
    public sealed record RunPart(int SequenceLength);
}
