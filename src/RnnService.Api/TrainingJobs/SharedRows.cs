using System.Globalization;
using SequenceModels.Data;

namespace RnnService.Api.TrainingJobs;

/// <summary>A dataset of a request with its examples.</summary>
internal sealed record ExamplesOfDataset(JobDataset Dataset, TrainingData Examples);

/// <summary>Warns of rows that are learned from and measured on as well: what a model reaches on them is memory.</summary>
internal static class SharedRows
{
    private const int Told = 5;

    /// <summary>The warnings, none or one.</summary>
    /// <param name="datasets">Know the lines of rows.</param>
    /// <param name="training">What is learned from, or, without validation data of its own, what is split.</param>
    /// <param name="validation">What is measured on; <c>null</c>: a part of the training data.</param>
    /// <param name="fraction">That part.</param>
    /// <param name="seed">The seed of the split.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public static async Task<IReadOnlyList<string>> WarningsAsync(
        JobDatasets datasets, ExamplesOfDataset training, ExamplesOfDataset? validation, double fraction, long seed, CancellationToken cancellationToken)
    {
        if (validation is not null && validation.Dataset.Sha256 == training.Dataset.Sha256 && validation.Dataset.Options == training.Dataset.Options)
        {
            return [
                $"The validation dataset '{validation.Dataset.Name}' has the very content of the training dataset '{training.Dataset.Name}': all that is measured is memory, and nothing tells when the model begins to learn by heart. "
                + "Leave the validation dataset out, so that a part of the data is held back."];
        }

        var found = await Task.Run(
            () => validation is null
                ? Find(training.Examples, training.Examples, DataSplitter.HeldBack(training.Examples, fraction, seed))
                : Find(training.Examples, validation.Examples, null),
            cancellationToken);
        if (found.Count == 0)
            return [];
        var trainingLines = await datasets.FindLinesAsync(training.Dataset, [.. found.First.Select(pair => pair.Training)], cancellationToken);
        var validationLines = await datasets.FindLinesAsync((validation ?? training).Dataset, [.. found.First.Select(pair => pair.Validation)], cancellationToken);
        string pairs = string.Join(", ", found.First.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{validationLines[pair.Validation]} repeats {trainingLines[pair.Training]}")));
        return [string.Create(CultureInfo.InvariantCulture,
            $"{found.Count} of {found.Of} validation rows have a text that is learned from too{OtherLabels(found)}; what is reached on them is memory. {(validation is null ? "Lines" : "Validation line and training line")}: {pairs}{(found.Count > found.First.Count ? ", ..." : "")}.")];
    }

    private static string OtherLabels(Found found) => found.UnderOtherLabel == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({found.UnderOtherLabel} of them under another label)");

    /// <param name="training">Rows to learn from, those that are held back left out.</param>
    /// <param name="validation">Rows to measure on; only those that are held back.</param>
    /// <param name="heldBack">Which rows of the one dataset are held back; null where there are two.</param>
    private static Found Find(TrainingData training, TrainingData validation, IReadOnlyList<bool>? heldBack)
    {
        // The smaller side, as a rule, is kept in memory; the other is read past it.
        var firstTraining = new Dictionary<string, int>(StringComparer.Ordinal);
        long rows = 0;
        foreach (var (text, _, row) in Rows(validation))
        {
            if (heldBack is not null && !heldBack[row])
                continue;
            firstTraining.TryAdd(text, -1);
            rows++;
        }

        var labels = new Dictionary<int, string?>();
        foreach (var (text, label, row) in Rows(training))
        {
            if (heldBack is not null && heldBack[row] || !firstTraining.TryGetValue(text, out int first) || first >= 0)
                continue;
            firstTraining[text] = row;
            labels.Add(row, label);
        }

        var found = new Found(0, rows, 0, []);
        foreach (var (text, label, row) in Rows(validation))
        {
            if (heldBack is not null && !heldBack[row] || firstTraining[text] is not (>= 0 and var first))
                continue;
            found = found with { Count = found.Count + 1, UnderOtherLabel = found.UnderOtherLabel + (labels[first] == label ? 0 : 1) };
            if (found.First.Count < Told)
                found.First.Add((row, first));
        }

        return found;
    }

    private static IEnumerable<(string Text, string? Label, int Row)> Rows(TrainingData data) => data switch
    {
        TrainingData.Lines lines => lines.Items.Select((text, row) => (text, (string?)null, row)),
        TrainingData.Labelled labelled => labelled.Items.Select((item, row) => (item.Text, (string?)item.Label, row)),
        _ => [],
    };

    /// <param name="Count">Rows to measure on that are learned from too.</param>
    /// <param name="Of">Rows to measure on.</param>
    /// <param name="UnderOtherLabel">Of the shared rows, those with another label than the first to learn from.</param>
    /// <param name="First">The first of them: their numbers, from 0, on both sides.</param>
    private sealed record Found(long Count, long Of, long UnderOtherLabel, List<(long Validation, long Training)> First);
}
