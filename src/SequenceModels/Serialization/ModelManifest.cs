using SequenceModels.Optimizers;
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

    /// <summary>What cannot be of a model of this format, as the rest of a sentence that begins with the file; <c>null</c>: nothing.</summary>
    public string? ProblemOrNull()
    {
        var ranges = new RangeCheck();
        ranges.FromTo("architecture.layers", Architecture.Layers, 1, 8);
        ranges.FromTo("architecture.hiddenSize", Architecture.HiddenSize, 1, 4096);
        ranges.FromTo("architecture.embeddingSize", Architecture.EmbeddingSize, 1, 4096);
        ranges.FromToBelow("architecture.zoneout", Architecture.Zoneout, 0, 1);
        ranges.FromTo("training.sequenceLength", Training?.SequenceLength, 1, int.MaxValue);
        ranges.AboveTo("temperature", Temperature, 0, double.MaxValue);
        if (ranges.Problems is [var first, ..])
            return $"cannot be: {first.Name} {first.Message}";
        if (Architecture.Pooling is null != (Task == TaskKind.LanguageModel))
            return $"cannot be: architecture.pooling is {(Architecture.Pooling is null ? "missing, but a classifier needs it" : "given, but a language model has none")}.";
        if (Task == TaskKind.LanguageModel ? Architecture.Bidirectional : Architecture.TiedEmbeddings)
            return $"cannot be: architecture.{(Task == TaskKind.LanguageModel ? "bidirectional" : "tiedEmbeddings")} is true, which is for {(Task == TaskKind.LanguageModel ? "classifiers" : "language models")} only.";
        // Without it a classifier would read texts to their end, which it did not in training.
        if (Task == TaskKind.Classification && Training is null)
            return "has no training.sequenceLength, which a classifier needs.";
        if (Labels.Contains(null!) || Labels.Distinct(StringComparer.Ordinal).Count() != Labels.Count || (Task == TaskKind.Classification && Labels.Count < 2))
            return $"has {Labels.Count} labels of which some are null or stand twice, or too few to tell apart.";
        return null;
    }

    /// <summary>What of the training matters afterwards.</summary>
    /// <param name="SequenceLength">Tokens of a text that a classifier reads.</param>
    public sealed record RunPart(int SequenceLength);
}
