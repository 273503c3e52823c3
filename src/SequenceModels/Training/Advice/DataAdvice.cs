using System.Globalization;
using SequenceModels.Tasks;

namespace SequenceModels.Training.Advice;

/// <summary>What can be told of the data before the first update.</summary>
internal static class DataAdvice
{
    /// <summary>How many times as many examples as the rarest label the most frequent one may have.</summary>
    private const double MostImbalance = 20;

    private const int FewestExamples = 30;
    private const int FewestTokens = 500;

    /// <summary>One label is nearly all: a network that always answers it seems good.</summary>
    public static TrainingAdvice? UnbalancedOrNull(RunFacts facts)
    {
        if (facts.LabelCounts.Count < 2 || facts.WeighsClasses)
            return null;
        var (most, least) = (facts.LabelCounts.MaxBy(label => label.Value), facts.LabelCounts.MinBy(label => label.Value));
        double ratio = (double)most.Value / least.Value, share = (double)most.Value / facts.LabelCounts.Values.Sum();
        if (ratio < MostImbalance)
            return null;
        return new TrainingAdvice(
            AdviceKind.UnbalancedClasses,
            string.Create(
                CultureInfo.InvariantCulture,
                $"'{most.Key}' has {most.Value} training examples, '{least.Key}' {least.Value}: a model that always answers '{most.Key}' is right in {share:P0} of them and useless."),
            "Set classWeighting to balanced, give classWeights, or add examples of the rare labels; and judge by macroF1, not by accuracy.",
            new Dictionary<string, double> { ["ratio"] = ratio, ["largestShare"] = share });
    }

    /// <summary>What is held back is so little that its loss is chance.</summary>
    public static TrainingAdvice? SmallValidationOrNull(RunFacts facts)
    {
        bool text = facts.Task == TaskKind.LanguageModel;
        long count = facts.ValidationTargets;
        if (count >= (text ? FewestTokens : FewestExamples))
            return null;
        // The standard error of a share near one half, the worst case.
        double error = count > 0 ? 0.5 / Math.Sqrt(count) : 1;
        return new TrainingAdvice(
            AdviceKind.SmallValidation,
            text
                ? string.Create(CultureInfo.InvariantCulture, $"The validation data have {count} {(count == 1 ? "token" : "tokens")}: which epoch is best, and how good it is, is largely chance.")
                : string.Create(CultureInfo.InvariantCulture, $"The validation data have {count} {(count == 1 ? "example" : "examples")}: a measured accuracy may be off by {2 * error:P0} by chance alone."),
            text ? "Give more data, a larger validation.fraction, or a validation dataset of its own." : "Give more examples, a larger validation.fraction, or a validation dataset of its own.",
            new Dictionary<string, double> { ["targets"] = count, ["standardError"] = error });
    }
}
