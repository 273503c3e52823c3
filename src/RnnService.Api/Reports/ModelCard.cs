using System.Globalization;
using RnnService.Api.Models;
using RnnService.Api.TrainingJobs;
using SequenceModels.Tasks;
using static RnnService.Api.Reports.MarkdownWriter;

namespace RnnService.Api.Reports;

/// <summary>
/// What a version is, how it came to be, what it reaches and where it fails, in one page of Markdown (Mitchell et al. 2019). Made from manifest and report alone, so that it cannot say other things than they do, but for what people have noted of the version and where it was imported from.
/// </summary>
internal sealed class ModelCard(string model, int version, VersionManifest manifest, TrainingReport report, Notes? notes = null, VersionImport? import = null)
{
    private const int MostRows = 25;
    private const int MostHard = 10;

    private readonly string _reference = new ModelReference(model, version, null).ToString();

    /// <summary>The title, as plain text.</summary>
    public string Title => $"Model card: {_reference}";

    /// <summary>All up to the learning curve, and all from there on: a page can draw the curve between them.</summary>
    public (string Before, string After) Markdown()
    {
        var before = new MarkdownWriter();
        before.Heading(1, Title).Paragraph(Summary());
        if (import is not null)
            before.Paragraph($"Imported at {Code(Time(import.ImportedAt))}; it was {Code(new ModelReference(import.Model, import.Version, null).ToString())} there. Job, dataset and base model are those of the service that trained it.");
        if (notes?.Description is { } description)
            before.Paragraph(Text(description));
        Results(before);
        before.Heading(2, "Learning curve");
        var after = new MarkdownWriter();
        Curve(after);
        Labels(after);
        Calibration(after);
        Hardest(after);
        Data(after);
        Training(after);
        Limits(after);
        Reproduction(after);
        return (before.ToString(), after.ToString());
    }

    public override string ToString()
    {
        var (before, after) = Markdown();
        return $"{before}\n{after}";
    }

    private string Summary()
    {
        string what = manifest.Task == TaskKind.LanguageModel ? $"A language model, which foretells the next token of a text{(manifest.Labels.Count > 0 ? $" of one of {Count(manifest.Labels.Count)} labels" : "")}" : $"A classifier, which gives a text one of {Count(manifest.Labels.Count)} labels";
        var architecture = manifest.Architecture;
        return $"{what}: {Text(ModelProblems.Word(architecture.Cell))}, {Count(architecture.Layers)} {(architecture.Layers == 1 ? "layer" : "layers")} of {Count(architecture.HiddenSize)} units{(architecture.Bidirectional ? " in both directions" : "")}, "
            + $"{Count(manifest.Parameters)} parameters; tokens are {(manifest.Tokenizer.Kind == TokenizerKind.Word ? "words" : "characters")}, {Count(manifest.Tokenizer.VocabularySize)} of them known. "
            + $"Made at {Code(Time(manifest.CreatedAt))} by job {Code(manifest.JobId)}.";
    }

    private void Results(MarkdownWriter card)
    {
        var confidence = report.Evaluation?.Confidence;
        card.Heading(2, "Results").Paragraph(
            $"On the validation split ({Counted(report.Split.ValidationSequences, "text")}, {Counted(report.Split.ValidationCharacters, "character")}), which was not learned from but chose the weights that were kept"
            + (confidence is null ? "." : $". Intervals cover {Number(confidence.Level * 100)} %: {Text(confidence.Unit)} drawn anew {Count(confidence.Resamples)} times. They tell of other {Text(confidence.Unit)} of the same kind, not of another training."));
        card.Table(["metric", "value", "interval"], report.Metrics.Select(metric => (IReadOnlyList<string>)[Code(metric.Key), Number(metric.Value), Range(confidence?.Intervals.GetValueOrDefault(metric.Key))]));
        card.Paragraph("Simple models on the same tokens and the same split:");
        card.Table(["model", "loss", "accuracy", "the network is better by"], report.Baselines.Select(baseline => (IReadOnlyList<string>)[
            Code(baseline.Name), Number(baseline.ValidationLoss), Number(baseline.Accuracy), $"{Number(baseline.NetworkBetterBy)} in {Code(baseline.Compared)}{(baseline.BetterByInterval is { } range ? $" ({Range(range)})" : "")}"]));
    }

    private void Curve(MarkdownWriter card)
    {
        var points = report.Curve;
        var kept = LearningCurve.Kept(points);
        int every = Math.Max(1, (points.Count + MostRows - 1) / MostRows);
        card.Paragraph($"{Counted(report.Counts.Epochs, "epoch")}, {Counted(report.Validations ?? points.Count, "validation")}{(report.Validations > points.Count ? $", {Count(points.Count)} of which the report keeps" : "")}; ended by {Code(report.StopReason)}; the weights after update {Count(kept.Step)}, in epoch {Count(kept.Epoch)}, were kept. Losses are nats; that of training is measured while it learns, with dropout.");
        card.Table(["epoch", "update", "training loss", "validation loss", "validation accuracy"], points
            .Where((point, index) => index % every == 0 || index == points.Count - 1 || point == kept)
            .Select(point => (IReadOnlyList<string>)[
                Count(point.Epoch), Count(point.Step) + (point == kept ? " (kept)" : ""), Number(point.TrainingLoss), Number(point.ValidationLoss), Number(point.ValidationAccuracy)]));
    }

    private void Labels(MarkdownWriter card)
    {
        if (report.Evaluation is not { Classes: { } classes } evaluation)
            return;
        var shown = classes.OrderByDescending(label => label.Support).Take(MostRows).ToList();
        card.Heading(2, "Labels").Table(["label", "precision", "recall", "F1", "examples"], shown.Select(label => (IReadOnlyList<string>)[
            Text(label.Label), Number(label.Precision), Number(label.Recall), Number(label.F1), Count(label.Support)]));
        int omitted = classes.Count + evaluation.ClassesOmitted - shown.Count;
        if (omitted > 0)
            card.Paragraph($"And {Count(omitted)} rarer labels.");
        if (evaluation.MostConfused is { Count: > 0 } confused)
            card.Paragraph("The most frequent confusions:").Table(["label", "taken for", "times"], confused.Take(MostHard).Select(pair => (IReadOnlyList<string>)[Text(pair.Label), Text(pair.Predicted), Count(pair.Count)]));
    }

    private void Calibration(MarkdownWriter card)
    {
        if (report.Evaluation?.Calibration is not { } calibration)
            return;
        card.Heading(2, "Calibration").Paragraph(
            calibration.NotFitted is { } reason
                ? $"No temperature was fitted: {Text(reason)} Probabilities are the network's own."
                : $"Logits are divided by the temperature {Number(calibration.Temperature)}, fitted on the validation split, which these numbers are measured on too: on other texts they are a little worse.");
        card.Table(["", "temperature 1", "as answered"], [
            ["expected calibration error (15 bins)", Number(calibration.Before.ExpectedCalibrationError), Number(calibration.After.ExpectedCalibrationError)],
            ["log loss, nats", Number(calibration.Before.LogLoss), Number(calibration.After.LogLoss)],
            ["Brier's score", Number(calibration.Before.Brier), Number(calibration.After.Brier)]]);
    }

    private void Hardest(MarkdownWriter card)
    {
        if (report.Evaluation?.HardestExamples is { Count: > 0 } examples)
        {
            card.Heading(2, "Hardest examples").Paragraph("Validation examples of the highest loss: mislabelled, ambiguous, or something that was not learned.")
                .Table(["text", "label", "taken for", "with probability", "loss"], examples.Take(MostHard).Select(example => (IReadOnlyList<string>)[
                    Text(example.Text), Text(example.Label), Text(example.Predicted), Number(example.Probability), Number(example.Loss)]));
        }

        if (report.Evaluation?.HardestPassages is { Count: > 0 } passages)
        {
            card.Heading(2, "Hardest passages").Paragraph("Validation text of the highest loss a token.")
                .Table(["text", "tokens", "nats a token"], passages.Take(MostHard).Select(passage => (IReadOnlyList<string>)[Text(passage.Text), Count(passage.Tokens), Number(passage.Loss)]));
        }
    }

    private void Data(MarkdownWriter card)
    {
        var split = manifest.Split;
        var rows = new List<IReadOnlyList<string>>
        {
            new[] { "dataset", Code(manifest.Dataset.Name) },
            new[] { "its SHA-256", Code(manifest.Dataset.Sha256) },
            new[] { "learned from", $"{Counted(split.TrainingSequences, "text")}, {Counted(split.TrainingCharacters, "character")}" },
            new[] { "measured on", $"{Counted(split.ValidationSequences, "text")}, {Counted(split.ValidationCharacters, "character")}" },
            new[] { "split", $"{Code(split.Method)}{(split.ValidationFraction is { } fraction ? $", fraction {Number(fraction)}, {(split.Method == "contiguous" ? "the end of the text" : "by the seed")}" : "")}" },
        };
        if (split.ValidationDataset is { } own)
            rows.Add(["validation dataset", $"{Code(own.Name)}, SHA-256 {Code(own.Sha256)}"]);
        if (manifest.Lineage is { } lineage)
        {
            rows.Add(["trained from", $"{Code(new ModelReference(lineage.BaseModel, lineage.BaseVersion, null).ToString())} ({Code(ModelProblems.Word(lineage.Kind))}), whose weights have the SHA-256 {Code(lineage.BaseWeightsSha256)}"]);
            rows.Add(["which had learned from", $"{Code(lineage.BaseDataset.Name)}, SHA-256 {Code(lineage.BaseDataset.Sha256)}"]);
        }

        foreach (var (key, value) in notes?.Tags ?? manifest.Tags)
            rows.Add([$"tag {Text(key)}", Text(value)]);
        card.Heading(2, "Data").Table(["", ""], rows);
    }

    private void Training(MarkdownWriter card)
    {
        var (times, hardware) = (report.Times, report.Hardware);
        card.Heading(2, "Training").Table(["", ""], [
            ["seed", Code(manifest.Seed.ToString(CultureInfo.InvariantCulture))],
            ["training tokens", Count(report.Counts.TrainingTokens)],
            ["time", $"{Number(times.TrainingSeconds)} s, {Number(times.TokensPerSecond)} tokens a second"],
            ["processor", $"{Text(hardware.Processor)}, {Text(hardware.Architecture)}, vectors of {Count(hardware.SimdBits)} bits"],
            ["threads", $"{Count(hardware.TrainingThreads)} of {Count(hardware.Cores)}"],
            ["system", $"{Text(hardware.OperatingSystem)}, {Text(hardware.DotNet)}"]]);
        card.Paragraph("All settings stand in the request below.");
    }

    private void Limits(MarkdownWriter card) => card.Heading(2, "Limits of use").List(ModelLimits.Of(manifest, report));

    private void Reproduction(MarkdownWriter card)
    {
        card.Heading(2, "Reproduction").Paragraph(
            $"The same data, settings and seed give the same weights, bit for bit, on any number of threads. Where dataset {Code(manifest.Dataset.Name)} still has the SHA-256 above{(manifest.Lineage is null ? "" : ", and the version that this one was trained from its weights")}, this request trains a version whose "
            + $"{Code(VersionFolder.WeightsFile)} has the SHA-256 below{(manifest.Training.MaxSeconds is null ? "" : ", unless time ends it at another step: `maxSeconds` depends on the clock")}:");
        card.Fence("bash", ReproducingRequest.Curl(model, manifest));
        card.Table(["file", "bytes", "SHA-256"], manifest.Files.Select(file => (IReadOnlyList<string>)[Code(file.Name), Count(file.Bytes), Code(file.Sha256)]));
    }

    private static string Range(RangeReport? range) => range is null ? "" : $"{Number(range.Lower)} to {Number(range.Upper)}";

    private static string Counted(long count, string what) => $"{Count(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
