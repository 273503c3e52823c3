using System.Globalization;
using RnnService.Api.Models;
using RnnService.Api.TrainingJobs;
using SequenceModels.Tasks;
using static RnnService.Api.Reports.MarkdownWriter;

namespace RnnService.Api.Reports;

/// <summary>What a version should not be trusted with, as far as its numbers tell.</summary>
internal static class ModelLimits
{
    private const int FewExamples = 100;
    private const int RareLabel = 20;
    private const double PoorCalibration = 0.05;

    /// <summary>Sentences of Markdown.</summary>
    public static IEnumerable<string> Of(VersionManifest manifest, TrainingReport report)
    {
        yield return "It knows the data that it learned from, and texts like them; of other languages, subjects and times nothing here says how it fares.";
        yield return string.Create(CultureInfo.InvariantCulture, $"It reads {manifest.Training.SequenceLength} tokens of a text while it learns{(manifest.Task == TaskKind.Classification ? ", and of a text to classify: what follows is cut off" : "")}.");
        if (report.Baselines.Where(baseline => baseline.NetworkBetterBy is <= 0).Select(baseline => Code(baseline.Name)).ToList() is { Count: > 0 } better)
            yield return $"**It is no better than {string.Join(", ", better)}**: use that, or more data, or other settings.";
        if (manifest.Task == TaskKind.LanguageModel)
        {
            yield return "It writes what is likely, not what is true, and may repeat passages of what it learned from.";
            if (report.Metrics.GetValueOrDefault("unknownShare") is > 0 and var unknown)
                yield return $"{Number(unknown * 100)} % of the validation tokens are unknown to it; foretelling that a token is unknown is easier than foretelling which, so losses look better than they are.";
            yield break;
        }

        if (report.Split.ValidationSequences < FewExamples)
            yield return string.Create(CultureInfo.InvariantCulture, $"Only {report.Split.ValidationSequences} {(report.Split.ValidationSequences == 1 ? "example was" : "examples were")} measured on: every number above is rough.");
        if (report.Evaluation is { Classes: { } classes, ClassesOmitted: var omitted })
        {
            // Labels that are not listed are no more frequent than any that is.
            if (classes.Count(label => label.Support < RareLabel) is > 0 and var rare)
                yield return string.Create(CultureInfo.InvariantCulture, $"{rare + omitted} of the labels {(rare + omitted == 1 ? "has" : "have")} fewer than {RareLabel} validation examples: what is said of them is rough.");
            else if (omitted > 0)
                yield return string.Create(CultureInfo.InvariantCulture, $"{omitted} rarer {(omitted == 1 ? "label is" : "labels are")} not told singly.");
        }

        if (report.Evaluation?.Calibration?.After.ExpectedCalibrationError is > PoorCalibration)
            yield return "Its probabilities are poorly calibrated: take them for an order, not for chances.";
        yield return "It always answers with one of its labels, also for texts to which none applies.";
    }
}
