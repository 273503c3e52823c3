using SequenceModels.Optimizers;

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
    public OptimizerSettings? Optimizer { get; init; }

    /// <inheritdoc cref="TrainingSettings.LearningRate"/>
    public double? LearningRate { get; init; }

    /// <inheritdoc cref="TrainingSettings.RangeTest"/>
    public RangeTestSettings? RangeTest { get; init; }

    /// <inheritdoc cref="TrainingSettings.Schedule"/>
    public ScheduleSettings? Schedule { get; init; }

    /// <inheritdoc cref="TrainingSettings.GradientClipNorm"/>
    public double? GradientClipNorm { get; init; }

    /// <inheritdoc cref="TrainingSettings.GradientClipValue"/>
    public double? GradientClipValue { get; init; }

    /// <inheritdoc cref="TrainingSettings.GradientAccumulation"/>
    public int? GradientAccumulation { get; init; }

    /// <inheritdoc cref="TrainingSettings.ActivationRegularization"/>
    public double? ActivationRegularization { get; init; }

    /// <inheritdoc cref="TrainingSettings.TemporalActivationRegularization"/>
    public double? TemporalActivationRegularization { get; init; }

    /// <inheritdoc cref="TrainingSettings.LabelSmoothing"/>
    public double? LabelSmoothing { get; init; }

    /// <summary>How labels are weighted where <see cref="ClassWeights"/> does not tell it.</summary>
    public ClassWeighting? ClassWeighting { get; init; }

    /// <summary>Weights of labels; those not named have 1. Not beside <see cref="ClassWeighting.Balanced"/>.</summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <inheritdoc cref="TrainingSettings.ValidateEverySteps"/>
    public int? ValidateEverySteps { get; init; }

    /// <inheritdoc cref="TrainingSettings.GradualUnfreezing"/>
    public int? GradualUnfreezing { get; init; }

    /// <inheritdoc cref="TrainingSettings.LayerRateDecay"/>
    public double? LayerRateDecay { get; init; }

    /// <inheritdoc cref="TrainingSettings.EarlyStoppingPatience"/>
    public int? EarlyStoppingPatience { get; init; }

    /// <inheritdoc cref="TrainingSettings.MaxSeconds"/>
    public int? MaxSeconds { get; init; }

    /// <inheritdoc cref="TrainingSettings.Seed"/>
    public long? Seed { get; init; }
}
