namespace SequenceModels.Training;

/// <summary>The rule that turns gradients into parameter updates.</summary>
public enum OptimizerKind
{
    /// <summary>Adam (Kingma and Ba 2015), beta 0.9 and 0.999, epsilon 1e-8.</summary>
    Adam,
}

/// <summary>Everything that fixes a training run besides its data and its network. All choices are made: nothing is left automatic.</summary>
public sealed record TrainingSettings
{
    /// <summary>Passes over the training data at most, 1..10,000.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>B, sequences (or parallel streams of one long text) a step, 1..4096.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>T, steps of a chunk of one long text, and the longest sequence otherwise (longer ones are cut), 1..4096.</summary>
    public int SequenceLength { get; init; } = 64;

    /// <summary>The update rule.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Step size of the optimiser, above 0 to 100.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>The global norm that gradients are scaled down to, above 0 to 1e6.</summary>
    public double GradientClipNorm { get; init; } = 5.0;

    /// <summary>Epochs without a better validation loss after which training ends, 1..1000.</summary>
    public int EarlyStoppingPatience { get; init; } = 5;

    /// <summary>Seconds of training after which it ends with the best state so far, 1..604,800; <c>null</c>: no limit.</summary>
    public int? MaxSeconds { get; init; }

    /// <summary>Key of all randomness of the run, 0..2^53-1.</summary>
    public long Seed { get; init; }
}
