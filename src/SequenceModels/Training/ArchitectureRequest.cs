using SequenceModels.Tasks;

namespace SequenceModels.Training;

/// <summary>The architecture as far as somebody chose it; what is <c>null</c> is chosen by <see cref="TrainingPlanner"/>. Meanings and ranges as in <see cref="ArchitectureSettings"/>.</summary>
public sealed record ArchitectureRequest
{
    /// <inheritdoc cref="ArchitectureSettings.Cell"/>
    public CellKind? Cell { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Layers"/>
    public int? Layers { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.HiddenSize"/>
    public int? HiddenSize { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.EmbeddingSize"/>
    public int? EmbeddingSize { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Bidirectional"/>
    public bool? Bidirectional { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Dropout"/>
    public double? Dropout { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.DropoutKind"/>
    public DropoutKind? DropoutKind { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.InputDropout"/>
    public double? InputDropout { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.OutputDropout"/>
    public double? OutputDropout { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.EmbeddingDropout"/>
    public double? EmbeddingDropout { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.WeightDropout"/>
    public double? WeightDropout { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Zoneout"/>
    public double? Zoneout { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Residual"/>
    public bool? Residual { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.LayerNorm"/>
    public bool? LayerNorm { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.TiedEmbeddings"/>
    public bool? TiedEmbeddings { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.LearnedInitialState"/>
    public bool? LearnedInitialState { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Tokenizer"/>
    public TokenizerKind? Tokenizer { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.LowerCase"/>
    public bool? LowerCase { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.MinimumCount"/>
    public int? MinimumCount { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Pooling"/>
    public PoolingKind? Pooling { get; init; }
}
