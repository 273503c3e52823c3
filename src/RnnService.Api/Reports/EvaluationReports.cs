using System.Globalization;
using SequenceModels.Data;
using SequenceModels.Evaluation;

namespace RnnService.Api.Reports;

/// <summary>Writes down what an evaluation gave, within limits.</summary>
internal static class EvaluationReports
{
    /// <summary>Key of all intervals: the same examples are drawn for every version that is measured on them.</summary>
    public const long IntervalSeed = 0;

    public const int MostClasses = 200;
    public const int MostConfusionLabels = 40;
    public const int MostConfusedPairs = 50;
    public const int TextCharacters = 300;
    public const int LabelCharacters = 100;

    /// <param name="evaluation">What was measured.</param>
    /// <param name="labels">The model's labels.</param>
    /// <param name="data">What it was measured on.</param>
    /// <param name="fitted">How the temperature was fitted, in the report of a training.</param>
    public static EvaluationReport Of(ModelEvaluation evaluation, IReadOnlyList<string> labels, TrainingData data, FittedTemperature? fitted = null)
    {
        var report = new EvaluationReport { Confidence = Confidence(evaluation) };
        return evaluation switch
        {
            ClassifierEvaluation classifier => WithClasses(report, classifier, [.. labels.Select(label => Shortened(label, LabelCharacters))], ((TrainingData.Labelled)data).Items, fitted),
            LanguageModelEvaluation language => report with
            {
                HardestPassages = [.. language.Hardest.Select(passage => new HardPassageReport(
                    passage.Index + 1, Shortened(passage.Text, TextCharacters), passage.Tokens, passage.NatsPerToken))],
            },
            _ => report,
        };
    }

    /// <summary>A text of at most so many UTF-16 units, never half a character; what was cut off is shown by an ellipsis.</summary>
    public static string Shortened(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)}…");
    }

    private static IntervalReport? Confidence(ModelEvaluation evaluation) => evaluation.Intervals.Count == 0 ? null : new(
        Bootstrap.Level,
        Bootstrap.Resamples,
        evaluation.IntervalUnit,
        evaluation.Intervals.OrderBy(interval => interval.Key, StringComparer.Ordinal).ToDictionary(interval => interval.Key, interval => new RangeReport(Finite(interval.Value.Lower), Finite(interval.Value.Upper)), StringComparer.Ordinal));

    private static EvaluationReport WithClasses(EvaluationReport report, ClassifierEvaluation evaluation, string[] labels, IReadOnlyList<LabelledText> items, FittedTemperature? fitted)
    {
        var confusion = evaluation.Confusion;
        var classes = confusion.Classes.OrderByDescending(label => label.Support).ThenBy(label => label.Label).Take(MostClasses).OrderBy(label => label.Label);
        return report with
        {
            Classes = [.. classes.Select(label => new ClassReport(labels[label.Label], label.Precision, label.Recall, label.F1, label.Support, label.Predicted))],
            ClassesOmitted = Math.Max(0, labels.Length - MostClasses),
            Confusion = labels.Length > MostConfusionLabels ? null : new ConfusionReport(
                labels, [.. Enumerable.Range(0, labels.Length).Select(row => (IReadOnlyList<long>)[.. Enumerable.Range(0, labels.Length).Select(column => confusion[row, column])])]),
            MostConfused = [.. confusion.MostConfused(MostConfusedPairs).Select(pair => new ConfusedPair(labels[pair.Actual], labels[pair.Predicted], pair.Count))],
            Calibration = new CalibrationReport(evaluation.Temperature, fitted?.NotFitted, Reliability(evaluation.Uncalibrated), Reliability(evaluation.Calibrated)),
            HardestExamples = [.. evaluation.Hardest.Select(example => new HardExampleReport(
                example.Index + 1, Shortened(items[example.Index].Text, TextCharacters), labels[example.Label], labels[example.Predicted], example.Probability, example.LabelProbability, example.Loss))],
        };
    }

    private static ReliabilityReport Reliability(CalibrationScores scores) => new(
        Finite(scores.Reliability.ExpectedCalibrationError),
        Finite(scores.LogLoss),
        Finite(scores.Brier),
        [.. scores.Reliability.Bins.Select(bin => new ReliabilityBinReport(bin.Lower, bin.Upper, bin.Count, Finite(bin.MeanConfidence), Finite(bin.Accuracy)))]);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
