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

    public static TrainingRequest Of(TrainingMembers? members, long seed) => new()
    {
        Epochs = members?.Epochs,
        BatchSize = members?.BatchSize,
        SequenceLength = members?.SequenceLength,
        Optimizer = members?.Optimizer,
        LearningRate = members?.LearningRate,
        GradientClipNorm = members?.GradientClipNorm,
        EarlyStoppingPatience = members?.EarlyStoppingPatience,
        MaxSeconds = members?.MaxSeconds,
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

    public static TrainingRequest Of(TrainingSettings settings) => new()
    {
        Epochs = settings.Epochs,
        BatchSize = settings.BatchSize,
        SequenceLength = settings.SequenceLength,
        Optimizer = settings.Optimizer,
        LearningRate = settings.LearningRate,
        GradientClipNorm = settings.GradientClipNorm,
        EarlyStoppingPatience = settings.EarlyStoppingPatience,
        MaxSeconds = settings.MaxSeconds,
        Seed = settings.Seed,
    };
}
