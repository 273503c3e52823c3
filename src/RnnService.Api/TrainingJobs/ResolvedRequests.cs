using RnnService.Api.Models;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Turns what a caller sent, and what was resolved from it, into requests to the planner.</summary>
internal static class ResolvedRequests
{
    public static ArchitectureRequest Of(ArchitectureMembers? members) => members is null ? new ArchitectureRequest() : new ArchitectureRequest
    {
        Cell = members.Cell,
        Layers = members.Layers,
        HiddenSize = members.HiddenSize,
        EmbeddingSize = members.EmbeddingSize,
        Bidirectional = members.Bidirectional,
        Dropout = members.Dropout,
        DropoutKind = members.DropoutKind,
        InputDropout = members.InputDropout,
        OutputDropout = members.OutputDropout,
        EmbeddingDropout = members.EmbeddingDropout,
        WeightDropout = members.WeightDropout,
        Zoneout = members.Zoneout,
        Residual = members.Residual,
        LayerNorm = members.LayerNorm,
        TiedEmbeddings = members.TiedEmbeddings,
        LearnedInitialState = members.LearnedInitialState,
        Tokenizer = members.Tokenizer,
        LowerCase = members.LowerCase,
        MinimumCount = members.MinimumCount,
        Pooling = members.Pooling,
    };

    public static TrainingRequest Of(TrainingMembers? members, long seed) => members is null ? new TrainingRequest { Seed = seed } : new TrainingRequest
    {
        Epochs = members.Epochs,
        BatchSize = members.BatchSize,
        SequenceLength = members.SequenceLength,
        Optimizer = members.ToSettings(members.Optimizer ?? OptimizerKind.Adam),
        LearningRate = members.LearningRate,
        RangeTest = members.RangeTest?.ToSettings(),
        Schedule = members.Schedule?.ToSettings(members.Schedule.Kind ?? ScheduleKind.Constant),
        GradientClipNorm = members.GradientClipNorm,
        GradientClipValue = members.GradientClipValue,
        GradientAccumulation = members.GradientAccumulation,
        ActivationRegularization = members.ActivationRegularization,
        TemporalActivationRegularization = members.TemporalActivationRegularization,
        LabelSmoothing = members.LabelSmoothing,
        ClassWeighting = members.ClassWeighting,
        ClassWeights = members.ClassWeights,
        ValidateEverySteps = members.ValidateEverySteps,
        GradualUnfreezing = members.GradualUnfreezing,
        LayerRateDecay = members.LayerRateDecay,
        EarlyStoppingPatience = members.EarlyStoppingPatience,
        MaxSeconds = members.MaxSeconds,
        Seed = seed,
    };

    public static ArchitectureRequest Of(ArchitectureSettings settings) => new()
    {
        Cell = settings.Cell,
        Layers = settings.Layers,
        HiddenSize = settings.HiddenSize,
        EmbeddingSize = settings.EmbeddingSize,
        Bidirectional = settings.Bidirectional,
        Dropout = settings.Dropout,
        DropoutKind = settings.DropoutKind,
        InputDropout = settings.InputDropout,
        OutputDropout = settings.OutputDropout,
        EmbeddingDropout = settings.EmbeddingDropout,
        WeightDropout = settings.WeightDropout,
        Zoneout = settings.Zoneout,
        Residual = settings.Residual,
        LayerNorm = settings.LayerNorm,
        TiedEmbeddings = settings.TiedEmbeddings,
        LearnedInitialState = settings.LearnedInitialState,
        Tokenizer = settings.Tokenizer,
        LowerCase = settings.LowerCase,
        MinimumCount = settings.MinimumCount,
        Pooling = settings.Pooling,
    };

    public static TrainingRequest Of(TrainingSummary summary) => new()
    {
        Epochs = summary.Epochs,
        BatchSize = summary.BatchSize,
        SequenceLength = summary.SequenceLength,
        Optimizer = summary.ToSettings(summary.Optimizer),
        LearningRate = summary.LearningRate,
        RangeTest = summary.RangeTest?.ToSettings(),
        Schedule = summary.Schedule.ToSettings(summary.Schedule.Kind),
        GradientClipNorm = summary.GradientClipNorm,
        GradientClipValue = summary.GradientClipValue,
        GradientAccumulation = summary.GradientAccumulation,
        ActivationRegularization = summary.ActivationRegularization,
        TemporalActivationRegularization = summary.TemporalActivationRegularization,
        LabelSmoothing = summary.LabelSmoothing,
        ClassWeights = summary.ClassWeights,
        ValidateEverySteps = summary.ValidateEverySteps,
        GradualUnfreezing = summary.GradualUnfreezing,
        LayerRateDecay = summary.LayerRateDecay,
        EarlyStoppingPatience = summary.EarlyStoppingPatience,
        MaxSeconds = summary.MaxSeconds,
        Seed = summary.Seed,
    };
}
