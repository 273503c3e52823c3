using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using SequenceModels.Optimizers;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>The training. What each option does: docs/training.md.</summary>
public sealed record TrainingMembers : OptimizerNumbers
{
    /// <summary>The largest whole number that every JSON reader keeps exactly: 2^53-1.</summary>
    internal const long MaximumSeed = (1L << 53) - 1;

    private const double MostWeight = 1e6;

    /// <summary>Passes over the training data at most. Left out: by the size of the data.</summary>
    [Range(1, 10_000)]
    public int? Epochs { get; init; }

    /// <summary>Sequences, or parallel streams of one long text, a batch. Left out: by the size of the data.</summary>
    [Range(1, 4096)]
    public int? BatchSize { get; init; }

    /// <summary>Tokens of a chunk of one long text; otherwise the longest sequence, of which the rest is cut. Left out: 64 for one long text, else the longest sequence, at most 512.</summary>
    [Range(1, 4096)]
    public int? SequenceLength { get; init; }

    /// <summary>The rule that turns gradients into updates. Left out: adam.</summary>
    public OptimizerKind? Optimizer { get; init; }

    /// <summary>Step size of the optimiser, the highest that the schedule reaches. Left out: by the size of the data and the optimizer.</summary>
    [Range(0d, 100d, MinimumIsExclusive = true)]
    public double? LearningRate { get; init; }

    /// <summary>A test that finds the learning rate before the training. Left out: none. Not beside learningRate.</summary>
    public RangeTestMembers? RangeTest { get; init; }

    /// <summary>How the step size changes while the run goes on. Left out: not at all.</summary>
    public ScheduleMembers? Schedule { get; init; }

    /// <summary>The global norm that gradients are scaled down to. Left out: 5.</summary>
    [Range(0d, 1e6, MinimumIsExclusive = true)]
    public double? GradientClipNorm { get; init; }

    /// <summary>What each single gradient is brought within, before the norm is. Left out: nothing.</summary>
    [Range(0d, 1e6, MinimumIsExclusive = true)]
    public double? GradientClipValue { get; init; }

    /// <summary>Batches whose gradients make one update: a larger batch in the memory of a small one. Left out: 1.</summary>
    [Range(1, 1000)]
    public int? GradientAccumulation { get; init; }

    /// <summary>Penalty of large outputs of the last recurrent layer (AR). Left out: 0.</summary>
    [Range(0d, 1000d)]
    public double? ActivationRegularization { get; init; }

    /// <summary>Penalty of outputs of the last recurrent layer that change from step to step (TAR). Left out: 0.</summary>
    [Range(0d, 1000d)]
    public double? TemporalActivationRegularization { get; init; }

    /// <summary>Part of each target that is spread evenly over all tokens or labels while learning. Left out: 0.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? LabelSmoothing { get; init; }

    /// <summary>How labels are weighted in the loss; classification only. Left out: none, unless there are classWeights.</summary>
    public ClassWeighting? ClassWeighting { get; init; }

    /// <summary>Factors of the loss by label, each above 0 and at most 1,000,000; labels that are not named have 1. Classification only, and not beside classWeighting.</summary>
    [MinLength(1)]
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>Updates from one validation to the next within an epoch; each may give the best weights. Left out: only the end of an epoch is validated.</summary>
    [Range(1, 1_000_000_000)]
    public int? ValidateEverySteps { get; init; }

    /// <summary>With baseModel: epochs after which the next lower layer learns too, from the output layer down; 0: all learn from the start. Left out: 1.</summary>
    [Range(0, 1000)]
    public int? GradualUnfreezing { get; init; }

    /// <summary>With baseModel: factor of the step size from a layer to the next lower one. Left out: 1.</summary>
    [Range(0d, 1d, MinimumIsExclusive = true)]
    public double? LayerRateDecay { get; init; }

    /// <summary>Epochs without a better validation loss after which training ends. Left out: by the size of the data, and longer where optimizer or schedule wait for such epochs.</summary>
    [Range(1, 1000)]
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>Seconds after which training ends with the best state so far. Left out: no limit.</summary>
    [Range(1, 604_800)]
    public int? MaxSeconds { get; init; }

    /// <summary>The key of all randomness. Left out: one is drawn and returned.</summary>
    [Range(0d, MaximumSeed)]
    public long? Seed { get; init; }

    internal void Validate(Problems problems)
    {
        if (!problems.IsUnreadable("optimizer"))
            ValidateNumbers(problems, Optimizer ?? OptimizerKind.Adam);
        Schedule?.Validate(problems.At("schedule"));
        RangeTest?.Validate(problems.At("rangeTest"));
        if (RangeTest is not null && LearningRate is not null)
            problems.Add("rangeTest", "finds the learning rate, so learningRate must be left out; given both");
        if (ClassWeights is null)
            return;
        foreach (var (label, weight) in ClassWeights)
            problems.Range($"classWeights.{Problems.Shortened(label)}", weight, 0, MostWeight, aboveMinimum: true);
        if (ClassWeighting is not null)
            problems.Add("classWeights", "gives the weights of labels, so classWeighting must be left out; given both");
    }

    internal void RefuseWithoutBaseModel(Problems problems)
    {
        if (GradualUnfreezing is not null)
            problems.Add("gradualUnfreezing", "is for a classifier that starts from a baseModel, and must be left out without one");
        if (LayerRateDecay is not null)
            problems.Add("layerRateDecay", "is for a classifier that starts from a baseModel, and must be left out without one");
    }

    internal void RefuseForLanguageModels(Problems problems)
    {
        if (ClassWeighting is not null)
            problems.Add("classWeighting", "is for classification; a language model has no labels and must leave it out");
        if (ClassWeights is not null)
            problems.Add("classWeights", "is for classification; a language model has no labels and must leave it out");
    }
}

/// <summary>A learning-rate schedule.</summary>
public sealed record ScheduleMembers : ScheduleNumbers
{
    /// <summary>The schedule. Left out: constant.</summary>
    public ScheduleKind? Kind { get; init; }

    internal void Validate(Problems problems)
    {
        if (!problems.IsUnreadable("kind"))
            ValidateNumbers(problems, Kind ?? ScheduleKind.Constant);
    }
}
