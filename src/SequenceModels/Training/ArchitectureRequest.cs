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

    /// <inheritdoc cref="ArchitectureSettings.Tokenizer"/>
    public TokenizerKind? Tokenizer { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.LowerCase"/>
    public bool? LowerCase { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.MinimumCount"/>
    public int? MinimumCount { get; init; }

    /// <inheritdoc cref="ArchitectureSettings.Pooling"/>
    public PoolingKind? Pooling { get; init; }
}
