using SequenceModels.Optimizers;

namespace SequenceModels.Training;

/// <summary>Training settings with the choices that a request leaves open.</summary>
internal static class ChosenSettings
{
    /// <summary>Everything but the data is known: fills in what is left.</summary>
    /// <param name="request">What was chosen; the seed is.</param>
    /// <param name="size">What fits the size of the data.</param>
    /// <param name="sequenceLength">Where none was chosen.</param>
    /// <param name="classWeights">Of the labels, or <c>null</c>.</param>
    public static TrainingSettings Of(TrainingRequest request, AutomaticSettings size, int sequenceLength, IReadOnlyDictionary<string, double>? classWeights = null)
    {
        var optimizer = request.Optimizer ?? new OptimizerSettings();
        var schedule = request.Schedule ?? new ScheduleSettings();
        return new TrainingSettings
        {
            Epochs = request.Epochs ?? size.Epochs,
            BatchSize = request.BatchSize ?? size.BatchSize,
            SequenceLength = request.SequenceLength ?? sequenceLength,
            Optimizer = optimizer,
            LearningRate = request.LearningRate ?? LearningRate(optimizer, size.LearningRate),
            RangeTest = request.RangeTest,
            Schedule = schedule,
            GradientClipNorm = request.GradientClipNorm ?? size.GradientClipNorm,
            GradientClipValue = request.GradientClipValue,
            GradientAccumulation = request.GradientAccumulation ?? 1,
            ActivationRegularization = request.ActivationRegularization ?? 0,
            TemporalActivationRegularization = request.TemporalActivationRegularization ?? 0,
            LabelSmoothing = request.LabelSmoothing ?? 0,
            ClassWeights = classWeights,
            ValidateEverySteps = request.ValidateEverySteps,
            GradualUnfreezing = request.GradualUnfreezing,
            LayerRateDecay = request.LayerRateDecay,
            EarlyStoppingPatience = request.EarlyStoppingPatience ?? Math.Min(1000, size.Patience + Wait(optimizer, schedule)),
            MaxSeconds = request.MaxSeconds,
            Seed = request.Seed ?? throw new ArgumentException("The seed must be set.", nameof(request)),
        };
    }

    /// <summary>The weight of each label that a request asks for; <c>null</c>: all 1.</summary>
    /// <param name="request">What was chosen.</param>
    /// <param name="labels">All labels.</param>
    /// <param name="counts">Examples of each.</param>
    public static IReadOnlyDictionary<string, double>? ClassWeights(TrainingRequest request, IReadOnlyList<string> labels, IReadOnlyDictionary<string, int> counts)
    {
        if (request.ClassWeights is { } given)
            return labels.ToDictionary(label => label, label => given.GetValueOrDefault(label, 1), StringComparer.Ordinal);
        if (request.ClassWeighting is null or ClassWeighting.None)
            return null;
        double examples = labels.Sum(label => counts[label]);
        return labels.ToDictionary(label => label, label => counts[label] == 0 ? 1 : examples / (labels.Count * (double)counts[label]), StringComparer.Ordinal);
    }

    /// <summary>Adam moves each weight by about the rate itself, other rules by the rate times something else: their rates are other numbers (docs/training.md).</summary>
    private static double LearningRate(OptimizerSettings optimizer, double adam) => optimizer.Rule switch
    {
        UpdateRule.Sgd => 250 * adam * (1 - optimizer.Momentum),
        UpdateRule.AveragedSgd => 250 * adam,
        UpdateRule.RmsProp => 0.5 * adam * (1 - optimizer.Momentum),
        UpdateRule.Adagrad => 10 * adam,
        _ => adam,
    };

    /// <summary>Epochs that a rule or a schedule bears without a better loss before it acts: ended before, it never would.</summary>
    private static int Wait(OptimizerSettings optimizer, ScheduleSettings schedule) =>
        (optimizer.Rule == UpdateRule.AveragedSgd ? optimizer.AveragingPatience + 1 : 0) + (schedule.Kind == ScheduleKind.ReduceOnPlateau ? schedule.Patience + 1 : 0);
}
