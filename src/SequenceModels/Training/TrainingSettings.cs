using SequenceModels.Optimizers;

namespace SequenceModels.Training;

/// <summary>Everything that fixes a training run besides its data and its network. All choices are made: nothing is left automatic. What each option does: docs/training.md.</summary>
public sealed record TrainingSettings
{
    /// <summary>Passes over the training data at most, 1..10,000.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>B, sequences (or parallel streams of one long text) a batch, 1..4096.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>T, steps of a chunk of one long text, and the longest sequence otherwise (longer ones are cut), 1..4096.</summary>
    public int SequenceLength { get; init; } = 64;

    /// <summary>The update rule and its numbers.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>Step size of the optimiser, above 0 to 100: the highest that the schedule reaches.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>The test that finds the learning rate before the run; <c>null</c>: none, it is <see cref="LearningRate"/>.</summary>
    public RangeTestSettings? RangeTest { get; init; }

    /// <summary>How the step size changes while the run goes on.</summary>
    public ScheduleSettings Schedule { get; init; } = new();

    /// <summary>The global norm that gradients are scaled down to, above 0 to 1e6.</summary>
    public double GradientClipNorm { get; init; } = 5.0;

    /// <summary>What each single gradient is brought within before the norm is, above 0 to 1e6; <c>null</c>: nothing.</summary>
    public double? GradientClipValue { get; init; }

    /// <summary>Batches whose gradients make one update, 1..1000: a larger batch in the memory of a small one.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Penalty of large outputs of the last recurrent layer, 0..1000; 0: none.</summary>
    public double ActivationRegularization { get; init; }

    /// <summary>Penalty of outputs of the last recurrent layer that change from step to step, 0..1000; 0: none.</summary>
    public double TemporalActivationRegularization { get; init; }

    /// <summary>Part of each target that is spread evenly over all tokens or labels while learning, 0 to below 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Factor of an example's loss by its label while learning, one a label, each above 0 to 1e6; <c>null</c>: 1. Classification only.</summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>Updates from one validation to the next within an epoch, 1..1,000,000,000, besides the one at its end; <c>null</c>: none. Each may give the best weights and counts for schedule and averaging.</summary>
    public int? ValidateEverySteps { get; init; }

    /// <summary>Epochs after which the next lower layer is trained too, 0..1000, when a classifier starts from a language model; 0: all are from the start. <c>null</c>: it starts from nothing.</summary>
    public int? GradualUnfreezing { get; init; }

    /// <summary>Factor of the step size from a layer to the next lower one, above 0 to 1, when a classifier starts from a language model; <c>null</c>: it starts from nothing.</summary>
    public double? LayerRateDecay { get; init; }

    /// <summary>Epochs without a better validation loss after which training ends, 1..1000.</summary>
    public int EarlyStoppingPatience { get; init; } = 5;

    /// <summary>Seconds of training after which it ends with the best state so far, 1..604,800; <c>null</c>: no limit.</summary>
    public int? MaxSeconds { get; init; }

    /// <summary>Key of all randomness of the run, 0..2^53-1.</summary>
    public long Seed { get; init; }
}
