using SequenceModels.Optimizers;
using SequenceModels.Training;

namespace RnnService.Api.Models;

/// <summary>Everything that fixes a training run besides its data and its network. All choices are made; the numbers of other optimizers and schedules are null.</summary>
public sealed record TrainingSummary : OptimizerNumbers
{
    /// <summary>Passes over the training data at most.</summary>
    public required int Epochs { get; init; }

    /// <summary>Sequences, or parallel streams of one long text, a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Tokens of a chunk of one long text, and the longest sequence otherwise.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>The update rule.</summary>
    public required OptimizerKind Optimizer { get; init; }

    /// <summary>Step size of the optimiser: the highest that the schedule reaches; null while a range test has not found it.</summary>
    public required double? LearningRate { get; init; }

    /// <summary>The test that finds the learning rate; null: none, or it has found it.</summary>
    public RangeTestSummary? RangeTest { get; init; }

    /// <summary>How the step size changes while the run goes on.</summary>
    public ScheduleSummary Schedule { get; init; } = new();

    /// <summary>The global norm that gradients are scaled down to.</summary>
    public required double GradientClipNorm { get; init; }

    /// <summary>What each single gradient is brought within before the norm is; null: nothing.</summary>
    public double? GradientClipValue { get; init; }

    /// <summary>Batches whose gradients make one update.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Penalty of large outputs of the last recurrent layer; 0: none.</summary>
    public double ActivationRegularization { get; init; }

    /// <summary>Penalty of outputs of the last recurrent layer that change from step to step; 0: none.</summary>
    public double TemporalActivationRegularization { get; init; }

    /// <summary>Part of each target that is spread evenly over all tokens or labels while learning.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Factor of an example's loss by its label while learning; null: 1 for all.</summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>Updates from one validation to the next within an epoch; null: only the end of an epoch is validated.</summary>
    public int? ValidateEverySteps { get; init; }

    /// <summary>Epochs after which the next lower layer learns too, from the output layer down; null unless a classifier starts from a language model.</summary>
    public int? GradualUnfreezing { get; init; }

    /// <summary>Factor of the step size from a layer to the next lower one; null unless a classifier starts from a language model.</summary>
    public double? LayerRateDecay { get; init; }

    /// <summary>Epochs without a better validation loss after which training ends.</summary>
    public required int EarlyStoppingPatience { get; init; }

    /// <summary>Seconds of training after which it ends with the best state so far; null: no limit.</summary>
    public int? MaxSeconds { get; init; }

    /// <summary>Key of all randomness of the run.</summary>
    public required long Seed { get; init; }

    internal static TrainingSummary Of(TrainingSettings settings)
    {
        var optimizer = settings.Optimizer;
        bool adam = optimizer.Rule == UpdateRule.Adam, sgd = optimizer.Rule == UpdateRule.Sgd, rmsProp = optimizer.Rule == UpdateRule.RmsProp;
        return new TrainingSummary
        {
            Epochs = settings.Epochs,
            BatchSize = settings.BatchSize,
            SequenceLength = settings.SequenceLength,
            Optimizer = KindOf(optimizer),
            LearningRate = settings.RangeTest is null ? settings.LearningRate : null,
            RangeTest = RangeTestSummary.OrNull(settings.RangeTest),
            Schedule = ScheduleSummary.Of(settings.Schedule),
            GradientClipNorm = settings.GradientClipNorm,
            GradientClipValue = settings.GradientClipValue,
            GradientAccumulation = settings.GradientAccumulation,
            ActivationRegularization = settings.ActivationRegularization,
            TemporalActivationRegularization = settings.TemporalActivationRegularization,
            LabelSmoothing = settings.LabelSmoothing,
            ClassWeights = settings.ClassWeights,
            ValidateEverySteps = settings.ValidateEverySteps,
            GradualUnfreezing = settings.GradualUnfreezing,
            LayerRateDecay = settings.LayerRateDecay,
            EarlyStoppingPatience = settings.EarlyStoppingPatience,
            MaxSeconds = settings.MaxSeconds,
            Seed = settings.Seed,
            Momentum = sgd || rmsProp ? optimizer.Momentum : null,
            Nesterov = sgd ? optimizer.Nesterov : null,
            RmsPropDecay = rmsProp ? optimizer.SquareDecay : null,
            Centered = rmsProp ? optimizer.Centered : null,
            Beta1 = adam ? optimizer.Beta1 : null,
            Beta2 = adam ? optimizer.Beta2 : null,
            AmsGrad = adam ? optimizer.AmsGrad : null,
            Epsilon = adam || rmsProp || optimizer.Rule == UpdateRule.Adagrad ? optimizer.EpsilonOrDefault : null,
            WeightDecay = optimizer.WeightDecay,
            AveragingPatience = optimizer.Rule == UpdateRule.AveragedSgd ? optimizer.AveragingPatience : null,
        };
    }

    /// <summary>The same with the rate that a range test has found in its place, if it has: settings that train the same without it.</summary>
    internal TrainingSummary With(double? found) => found is { } rate && RangeTest is not null ? this with { LearningRate = rate, RangeTest = null } : this;

    private static OptimizerKind KindOf(OptimizerSettings optimizer) => optimizer.Rule switch
    {
        UpdateRule.Sgd => OptimizerKind.Sgd,
        UpdateRule.AveragedSgd => OptimizerKind.AveragedSgd,
        UpdateRule.RmsProp => OptimizerKind.RmsProp,
        UpdateRule.Adagrad => OptimizerKind.Adagrad,
        _ => optimizer.DecoupledWeightDecay ? OptimizerKind.AdamW : OptimizerKind.Adam,
    };
}

/// <summary>A learning-rate schedule with every choice made; the numbers of other kinds are null.</summary>
public sealed record ScheduleSummary : ScheduleNumbers
{
    /// <summary>The schedule.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Constant;

    internal static ScheduleSummary Of(ScheduleSettings settings)
    {
        var kind = settings.Kind;
        bool plateau = kind == ScheduleKind.ReduceOnPlateau, cycle = kind == ScheduleKind.OneCycle;
        return new ScheduleSummary
        {
            Kind = kind,
            WarmupSteps = cycle ? null : settings.WarmupSteps,
            DecayFactor = kind is ScheduleKind.Step or ScheduleKind.Exponential || plateau ? settings.DecayFactorOrDefault : null,
            EpochsPerDecay = kind == ScheduleKind.Step ? settings.EpochsPerDecay : null,
            LeastFraction = kind == ScheduleKind.Cosine || plateau ? settings.LeastFraction : null,
            RiseFraction = cycle ? settings.RiseFraction : null,
            InitialDivisor = cycle ? settings.InitialDivisor : null,
            FinalDivisor = cycle ? settings.FinalDivisor : null,
            Patience = plateau ? settings.Patience : null,
            Threshold = plateau ? settings.Threshold : null,
            Cooldown = plateau ? settings.Cooldown : null,
        };
    }
}
