using System.Globalization;

namespace SequenceModels.Training.Advice;

/// <summary>What a divergence tells.</summary>
internal static class DivergenceAdvice
{
    /// <summary>Always advice.</summary>
    public static TrainingAdvice Of(RunFacts facts, Divergence divergence)
    {
        string loss = double.IsFinite(divergence.Loss) ? divergence.Loss.ToString("F3", CultureInfo.InvariantCulture) : "not a number any more";
        string guess = facts.GuessLoss is { } even ? string.Create(CultureInfo.InvariantCulture, $" (a guess has {even:F3})") : "";
        var figures = new Dictionary<string, double> { ["step"] = divergence.Step, ["learningRate"] = divergence.LearningRate };
        if (double.IsFinite(divergence.Loss))
            figures.Add("trainingLoss", divergence.Loss);
        return new TrainingAdvice(
            AdviceKind.DivergingLoss,
            string.Create(CultureInfo.InvariantCulture, $"At step {divergence.Step} the training loss is {loss}{guess} and rises instead of falling: the learningRate of {divergence.LearningRate:G3} takes steps that are too large. The run went back to its best state and goes on at half the rate."),
            "Use a tenth of the learningRate, or a schedule with warmupSteps; a lower gradientClipNorm helps against single steep steps.",
            figures);
    }
}
