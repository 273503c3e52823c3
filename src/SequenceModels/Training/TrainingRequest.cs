namespace SequenceModels.Training;

/// <summary>The training settings as far as somebody chose them; what is <c>null</c> is chosen by <see cref="TrainingPlanner"/>. Meanings and ranges as in <see cref="TrainingSettings"/>.</summary>
public sealed record TrainingRequest
{
    /// <inheritdoc cref="TrainingSettings.Epochs"/>
    public int? Epochs { get; init; }

    /// <inheritdoc cref="TrainingSettings.BatchSize"/>
    public int? BatchSize { get; init; }

    /// <inheritdoc cref="TrainingSettings.SequenceLength"/>
    public int? SequenceLength { get; init; }

    /// <inheritdoc cref="TrainingSettings.Optimizer"/>
    public OptimizerKind? Optimizer { get; init; }

    /// <inheritdoc cref="TrainingSettings.LearningRate"/>
    public double? LearningRate { get; init; }

    /// <inheritdoc cref="TrainingSettings.GradientClipNorm"/>
    public double? GradientClipNorm { get; init; }

    /// <inheritdoc cref="TrainingSettings.EarlyStoppingPatience"/>
    public int? EarlyStoppingPatience { get; init; }

    /// <inheritdoc cref="TrainingSettings.MaxSeconds"/>
    public int? MaxSeconds { get; init; }

    /// <inheritdoc cref="TrainingSettings.Seed"/>
    public long? Seed { get; init; }
}
