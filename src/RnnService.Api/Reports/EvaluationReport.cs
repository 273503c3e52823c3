namespace RnnService.Api.Reports;

/// <summary>All that is told of an evaluation beside its metrics. What each number means: docs/evaluation.md. Whatever could grow with the data is limited.</summary>
public sealed record EvaluationReport
{
    /// <summary>How far some metrics would move with other examples of the same kind.</summary>
    public IntervalReport? Confidence { get; init; }

    /// <summary>Precision, recall and F1 by label: the 200 most frequent labels, in the order of the model's. Null for language models.</summary>
    public IReadOnlyList<ClassReport>? Classes { get; init; }

    /// <summary>Labels that are not listed.</summary>
    public int ClassesOmitted { get; init; }

    /// <summary>All counts; null for language models and for classifiers of more than 40 labels.</summary>
    public ConfusionReport? Confusion { get; init; }

    /// <summary>The 50 most frequent confusions, the most frequent first; null for language models.</summary>
    public IReadOnlyList<ConfusedPair>? MostConfused { get; init; }

    /// <summary>Whether the probabilities can be taken at their word; null for language models.</summary>
    public CalibrationReport? Calibration { get; init; }

    /// <summary>A classifier's examples of the highest loss, the highest first; null for language models.</summary>
    public IReadOnlyList<HardExampleReport>? HardestExamples { get; init; }

    /// <summary>A language model's lines, or blocks of the text, of the highest loss a token, the highest first; null for classifiers.</summary>
    public IReadOnlyList<HardPassageReport>? HardestPassages { get; init; }
}

/// <summary>Bootstrap intervals.</summary>
/// <param name="Level">The share of repetitions with other examples in which such an interval covers the true value, if the examples are drawn alike.</param>
/// <param name="Resamples">How often the examples were drawn anew.</param>
/// <param name="Unit">What was drawn: `examples`, `lines` or `blocks` of the text.</param>
/// <param name="Intervals">The intervals by the name of the metric.</param>
public sealed record IntervalReport(double Level, int Resamples, string Unit, IReadOnlyDictionary<string, RangeReport> Intervals);

/// <summary>An interval.</summary>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end.</param>
public sealed record RangeReport(double? Lower, double? Upper);

/// <summary>How well one label is told from all others.</summary>
/// <param name="Label">The label, cut off after 100 characters.</param>
/// <param name="Precision">Share of the examples given this label that have it.</param>
/// <param name="Recall">Share of the examples that have this label that are given it.</param>
/// <param name="F1">Their harmonic mean.</param>
/// <param name="Support">Examples that have this label.</param>
/// <param name="Predicted">Examples that are given it.</param>
public sealed record ClassReport(string Label, double Precision, double Recall, double F1, long Support, long Predicted);

/// <summary>How often examples of one label were given another.</summary>
/// <param name="Labels">The labels of rows and columns.</param>
/// <param name="Counts">One row a given label, one column a predicted one.</param>
public sealed record ConfusionReport(IReadOnlyList<string> Labels, IReadOnlyList<IReadOnlyList<long>> Counts);

/// <summary>One confusion.</summary>
/// <param name="Label">The label that the examples have.</param>
/// <param name="Predicted">The label that they were given.</param>
/// <param name="Count">How many.</param>
public sealed record ConfusedPair(string Label, string Predicted, long Count);

/// <summary>Whether probabilities can be taken at their word.</summary>
/// <param name="Temperature">What the logits are divided by; 1 leaves them as they are.</param>
/// <param name="NotFitted">Why no temperature was fitted; null where one was, or where this is not the report of a training.</param>
/// <param name="Before">With temperature 1.</param>
/// <param name="After">With the temperature: the probabilities that the model answers with.</param>
public sealed record CalibrationReport(double Temperature, string? NotFitted, ReliabilityReport Before, ReliabilityReport After);

/// <summary>How good probabilities are.</summary>
/// <param name="ExpectedCalibrationError">The mean distance between confidence and accuracy over 15 bins, weighted by their examples.</param>
/// <param name="LogLoss">Mean negative log-probability of the examples' own labels, nats.</param>
/// <param name="Brier">Mean sum of squared distances from the truth, 0..2.</param>
/// <param name="Bins">The reliability table.</param>
public sealed record ReliabilityReport(double? ExpectedCalibrationError, double? LogLoss, double? Brier, IReadOnlyList<ReliabilityBinReport> Bins);

/// <summary>The examples of which the model is about equally confident.</summary>
/// <param name="Lower">Their confidence is above this.</param>
/// <param name="Upper">And at most this.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Confidence">Their mean confidence; null in an empty bin.</param>
/// <param name="Accuracy">The share that was classified rightly; null in an empty bin.</param>
public sealed record ReliabilityBinReport(double Lower, double Upper, long Count, double? Confidence, double? Accuracy);

/// <summary>An example that the model finds hard: mislabelled, ambiguous, or something it has not learned.</summary>
/// <param name="Row">Which of the examples measured on, from 1.</param>
/// <param name="Text">The text, cut off after 300 characters.</param>
/// <param name="Label">The label that it has.</param>
/// <param name="Predicted">The label that it was given.</param>
/// <param name="Probability">The probability of that.</param>
/// <param name="LabelProbability">The probability of the label that it has.</param>
/// <param name="Loss">Negative log-probability of the label that it has, nats.</param>
public sealed record HardExampleReport(int Row, string Text, string Label, string Predicted, double Probability, double LabelProbability, double Loss);

/// <summary>A line, or a block of the text, that the model finds hard to foretell.</summary>
/// <param name="Place">Which of the lines measured on, from 1; of one text, which token the block begins with, from 1.</param>
/// <param name="Text">The tokens foretold as text, cut off after 300 characters.</param>
/// <param name="Tokens">Tokens foretold.</param>
/// <param name="Loss">Nats a token.</param>
public sealed record HardPassageReport(long Place, string Text, int Tokens, double Loss);
