using RnnService.Api.Datasets;
using RnnService.Api.Hosting;
using RnnService.Api.TrainingJobs;
using SequenceModels.Data;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>Data to measure on: the rows that a model can be measured on, and those that it cannot.</summary>
/// <param name="Data">The rows to measure on.</param>
/// <param name="Rows">Their number; 1 for one long text.</param>
/// <param name="Numbers">The number of each among all rows that were sent, from 1; null where none was left out.</param>
/// <param name="Faults">The first rows that were left out.</param>
/// <param name="FaultCount">How many were left out in all.</param>
public sealed record MeasurableData(TrainingData Data, long Rows, IReadOnlyList<int>? Numbers, IReadOnlyList<EvaluateFault> Faults, long FaultCount);

/// <summary>Gets data to measure on and sorts out the rows that a model cannot be measured on.</summary>
public sealed class EvaluationData(DatasetStore datasets)
{
    private const int MostFaults = 100;

    /// <summary>A dataset by name, not to be deleted until the hold is disposed; <c>null</c> when there is none.</summary>
    public Task<DatasetHold?> HoldOrNullAsync(string name, CancellationToken cancellationToken) => datasets.HoldOrNullAsync(name, cancellationToken);

    /// <summary>All examples of a dataset.</summary>
    public Task<TrainingData> ReadAsync(Dataset dataset, CancellationToken cancellationToken) => datasets.ReadAsync(dataset.Sha256, dataset.Options, cancellationToken);

    /// <summary>The examples within a request.</summary>
    public static TrainingData OfMembers(DatasetMembers members) =>
        members.Text is { } text ? new TrainingData.ContinuousText(text)
        : members.Lines is { } lines ? new TrainingData.Lines(lines)
        : new TrainingData.Labelled([.. (members.Examples ?? throw new InvalidOperationException("The data is given by name.")).Select(example => new LabelledText(example.Text, example.Label))]);

    /// <summary>Why the data is of the wrong kind for a model, as the end of a sentence; <c>null</c> when it is right.</summary>
    public static string? WrongKindOrNull(SequenceModel model, TrainingData data) => (model, data) switch
    {
        (SequenceClassifier, not TrainingData.Labelled) => "a classifier is measured on labelled examples, and this data has no labels",
        (LanguageModel { IsConditional: true }, not TrainingData.Labelled) => "the model has learned from labelled lines and is measured on labelled examples, and this data has no labels",
        (LanguageModel { IsConditional: true }, _) => null,
        (LanguageModel { OverLines: true }, not TrainingData.Lines) => "the model has learned from lines and is measured on lines, and this data is of another kind",
        (LanguageModel { OverLines: false }, not TrainingData.ContinuousText) => "the model has learned from one long text and is measured on one, and this data is of another kind",
        _ => null,
    };

    /// <summary>Leaves out the rows that cannot be measured.</summary>
    public static MeasurableData Sort(SequenceModel model, TrainingData data)
    {
        switch (data)
        {
            case TrainingData.Lines lines:
                return Sort(lines.Items, line => string.IsNullOrWhiteSpace(line) ? ("emptyText", "The line is empty.") : null, kept => new TrainingData.Lines(kept));
            case TrainingData.Labelled labelled:
                var known = model.Labels.ToHashSet(StringComparer.Ordinal);
                return Sort(labelled.Items, item => FaultOrNull(item, known), kept => new TrainingData.Labelled(kept));
            default:
                return new MeasurableData(data, 1, null, [], 0);
        }
    }

    private static (string Code, string Message)? FaultOrNull(LabelledText item, HashSet<string> known)
    {
        if (string.IsNullOrWhiteSpace(item.Text))
            return ("emptyText", "The text is empty.");
        if (item.Label.Length == 0)
            return ("emptyLabel", "The label is empty.");
        return known.Contains(item.Label) ? null : ("unknownLabel", $"The model does not know the label {Problems.Quoted(item.Label)}.");
    }

    private static MeasurableData Sort<T>(IReadOnlyList<T> rows, Func<T, (string Code, string Message)?> faultOrNull, Func<IReadOnlyList<T>, TrainingData> build)
    {
        var kept = new List<T>(rows.Count);
        var numbers = new List<int>(rows.Count);
        var faults = new List<EvaluateFault>();
        for (int i = 0; i < rows.Count; i++)
        {
            if (faultOrNull(rows[i]) is not { } fault)
            {
                kept.Add(rows[i]);
                numbers.Add(i + 1);
            }
            else if (faults.Count < MostFaults)
            {
                faults.Add(new EvaluateFault(i + 1, fault.Code, fault.Message));
            }
        }

        return new MeasurableData(build(kept), kept.Count, kept.Count == rows.Count ? null : numbers, faults, rows.Count - kept.Count);
    }
}
