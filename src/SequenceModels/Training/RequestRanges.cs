using SequenceModels.Optimizers;
using SequenceModels.Sampling;

namespace SequenceModels.Training;

/// <summary>The ranges of what a caller of the library may choose: those of the HTTP contract. The optimiser and the schedule check their own.</summary>
internal static class RequestRanges
{
    /// <exception cref="ArgumentException">Numbers are out of their ranges; the message names every one of them, its value and its range.</exception>
    public static void Check(TrainOptions options)
    {
        var ranges = new RangeCheck();
        Architecture(ranges, options.Architecture);
        Training(ranges, options.Training);
        ranges.FromTo("Seed", options.Seed, 0, SamplingSettings.MaximumSeed);
        ranges.FromTo("Threads", options.Threads, 1, 1024);
        ranges.AboveTo("ValidationFraction", options.ValidationFraction, 0, 0.5);
        Refuse(ranges, nameof(options));
    }

    /// <exception cref="ArgumentException">As for the other.</exception>
    public static void Check(TrainingSettings settings)
    {
        var ranges = new RangeCheck();
        Training(ranges, new TrainingRequest
        {
            Epochs = settings.Epochs,
            BatchSize = settings.BatchSize,
            SequenceLength = settings.SequenceLength,
            LearningRate = settings.LearningRate,
            GradientClipNorm = settings.GradientClipNorm,
            GradientClipValue = settings.GradientClipValue,
            GradientAccumulation = settings.GradientAccumulation,
            ActivationRegularization = settings.ActivationRegularization,
            TemporalActivationRegularization = settings.TemporalActivationRegularization,
            LabelSmoothing = settings.LabelSmoothing,
            ClassWeights = settings.ClassWeights,
            ValidateEverySteps = settings.ValidateEverySteps,
            EarlyStoppingPatience = settings.EarlyStoppingPatience,
            MaxSeconds = settings.MaxSeconds,
            Seed = settings.Seed,
        });
        Refuse(ranges, nameof(settings));
    }

    private static void Refuse(RangeCheck ranges, string parameter)
    {
        if (ranges.Problems.Count > 0)
            throw new ArgumentException(string.Join(" ", ranges.Problems.Select(problem => $"{problem.Name} {problem.Message}")), parameter);
    }

    private static void Architecture(RangeCheck ranges, ArchitectureRequest given)
    {
        ranges.FromTo("Architecture.Layers", given.Layers, 1, 8);
        ranges.FromTo("Architecture.HiddenSize", given.HiddenSize, 1, 4096);
        ranges.FromTo("Architecture.EmbeddingSize", given.EmbeddingSize, 1, 4096);
        ranges.FromTo("Architecture.MinimumCount", given.MinimumCount, 1, 1000);
        ranges.FromToBelow("Architecture.Dropout", given.Dropout, 0, 1);
        ranges.FromToBelow("Architecture.InputDropout", given.InputDropout, 0, 1);
        ranges.FromToBelow("Architecture.OutputDropout", given.OutputDropout, 0, 1);
        ranges.FromToBelow("Architecture.EmbeddingDropout", given.EmbeddingDropout, 0, 1);
        ranges.FromToBelow("Architecture.WeightDropout", given.WeightDropout, 0, 1);
        ranges.FromToBelow("Architecture.Zoneout", given.Zoneout, 0, 1);
    }

    private static void Training(RangeCheck ranges, TrainingRequest given)
    {
        ranges.FromTo("Training.Epochs", given.Epochs, 1, 10_000);
        ranges.FromTo("Training.BatchSize", given.BatchSize, 1, 4096);
        ranges.FromTo("Training.SequenceLength", given.SequenceLength, 1, 4096);
        ranges.FromTo("Training.GradientAccumulation", given.GradientAccumulation, 1, 1000);
        ranges.FromTo("Training.ActivationRegularization", given.ActivationRegularization, 0, 1000);
        ranges.FromTo("Training.TemporalActivationRegularization", given.TemporalActivationRegularization, 0, 1000);
        ranges.FromToBelow("Training.LabelSmoothing", given.LabelSmoothing, 0, 1);
        ranges.FromTo("Training.GradualUnfreezing", given.GradualUnfreezing, 0, 1000);
        ranges.AboveTo("Training.LayerRateDecay", given.LayerRateDecay, 0, 1);
        ranges.FromTo("Training.ValidateEverySteps", given.ValidateEverySteps, 1, 1_000_000_000);
        ranges.FromTo("Training.EarlyStoppingPatience", given.EarlyStoppingPatience, 1, 1000);
        ranges.FromTo("Training.MaxSeconds", given.MaxSeconds, 1, 604_800);
        ranges.AboveTo("Training.LearningRate", given.LearningRate, 0, 100);
        ranges.AboveTo("Training.GradientClipNorm", given.GradientClipNorm, 0, 1e6);
        ranges.AboveTo("Training.GradientClipValue", given.GradientClipValue, 0, 1e6);
        foreach (var (label, weight) in given.ClassWeights ?? new Dictionary<string, double>())
            ranges.AboveTo($"Training.ClassWeights['{label}']", weight, 0, 1e6);
        ranges.FromTo("Training.Seed", given.Seed, 0, SamplingSettings.MaximumSeed);
    }
}
