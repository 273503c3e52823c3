using System.Text.Json;
using System.Text.Json.Nodes;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using RnnService.Api.TrainingJobs;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace RnnService.Api.Reports;

/// <summary>What two versions of the same task have different.</summary>
/// <param name="Task">What both do.</param>
/// <param name="First">The version of the path.</param>
/// <param name="Second">The version of `with`.</param>
/// <param name="SameTrainingData">Whether both learned from the same examples.</param>
/// <param name="SameValidationData">Whether both were measured on the same examples: only then can their metrics be held against each other.</param>
/// <param name="SameWeights">Whether their weights are the same bytes.</param>
/// <param name="Settings">Settings that differ, by their path in the manifest.</param>
/// <param name="Data">What differs of dataset, split and lineage, likewise.</param>
/// <param name="Metrics">The metrics that either has.</param>
public sealed record ComparisonResponse(
    TaskKind Task, ComparedVersion First, ComparedVersion Second, bool SameTrainingData, bool SameValidationData, bool SameWeights,
    IReadOnlyList<DifferenceResponse> Settings, IReadOnlyList<DifferenceResponse> Data, IReadOnlyList<MetricDifference> Metrics);

/// <summary>One of two versions.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version's number.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="ImportedAt">When it was imported; null where a job of this service made it. Dataset and base model of an imported version are those of the service that trained it.</param>
/// <param name="Parameters">Trained values.</param>
/// <param name="TrainingSeconds">How long it trained.</param>
public sealed record ComparedVersion(string Model, int Version, DateTimeOffset CreatedAt, DateTimeOffset? ImportedAt, long Parameters, double TrainingSeconds);

/// <summary>A value that differs.</summary>
/// <param name="Path">Where it stands, such as `training.learningRate`.</param>
/// <param name="First">Its value in the first version, as JSON; null where it has none.</param>
/// <param name="Second">Its value in the second version, as JSON; null where it has none.</param>
public sealed record DifferenceResponse(string Path, string? First, string? Second);

/// <summary>A metric of two versions.</summary>
/// <param name="Name">Its name.</param>
/// <param name="First">In the first version.</param>
/// <param name="Second">In the second version.</param>
/// <param name="Difference">The second less the first; null where either has none.</param>
/// <param name="FirstInterval">The bootstrap interval of the first; null where it has none.</param>
/// <param name="SecondInterval">That of the second.</param>
/// <param name="IntervalsOverlap">Whether they overlap; null where either has none. Where they do not, chance in the choice of the examples is an unlikely reason; where they do, the difference may still be real.</param>
public sealed record MetricDifference(string Name, double? First, double? Second, double? Difference, RangeReport? FirstInterval, RangeReport? SecondInterval, bool? IntervalsOverlap);

/// <summary>Compares versions by their manifests and reports.</summary>
internal static class VersionComparison
{
    public static ComparisonResponse Of(DescribedVersion first, DescribedVersion second) => new(
        first.Manifest.Task,
        Version(first),
        Version(second),
        IdentityOf(first.Manifest, training: true) == IdentityOf(second.Manifest, training: true) && MayHaveSameLabels(first.Manifest, second.Manifest),
        IdentityOf(first.Manifest, training: false) == IdentityOf(second.Manifest, training: false) && (first.Manifest.Split.ValidationDataset is not null || MayHaveSameLabels(first.Manifest, second.Manifest)),
        HashOf(first.Manifest) == HashOf(second.Manifest),
        Differences(Settings(first.Manifest), Settings(second.Manifest)),
        Differences(Data(first.Manifest), Data(second.Manifest)),
        Metrics(first.Report, second.Report));

    private static ComparedVersion Version(DescribedVersion version) =>
        new(version.Key.Model, version.Key.Version, version.Manifest.CreatedAt, version.Import?.ImportedAt, version.Manifest.Parameters, version.Report.Times.TrainingSeconds);

    private static JsonObject Settings(VersionManifest manifest) => new()
    {
        ["architecture"] = JsonSerializer.SerializeToNode(manifest.Architecture, ServiceJson.Options),
        ["training"] = JsonSerializer.SerializeToNode(manifest.Training, ServiceJson.Options),
        ["tokenizer"] = JsonSerializer.SerializeToNode(manifest.Tokenizer, ServiceJson.Options),
        ["labels"] = JsonSerializer.SerializeToNode(manifest.Labels, ServiceJson.Options),
    };

    private static JsonObject Data(VersionManifest manifest) => new()
    {
        ["dataset"] = JsonSerializer.SerializeToNode(manifest.Dataset, ServiceJson.Options),
        ["split"] = JsonSerializer.SerializeToNode(manifest.Split, ServiceJson.Options),
        ["lineage"] = JsonSerializer.SerializeToNode(manifest.Lineage, ServiceJson.Options),
    };

    /// <summary>What decides which examples were learned from, or measured on: contents, how many examples and characters they were read as (other options, such as columns, read the same bytes otherwise) and, where one was split, how and by which seed.</summary>
    private static string IdentityOf(VersionManifest manifest, bool training)
    {
        var split = manifest.Split;
        string counts = training ? FormattableString.Invariant($"{split.TrainingSequences} {split.TrainingCharacters}") : FormattableString.Invariant($"{split.ValidationSequences} {split.ValidationCharacters}");
        if (split.ValidationDataset is { } own)
            return $"{(training ? manifest.Dataset.Sha256 : own.Sha256)} {counts}";
        string seed = split.Method == "contiguous" ? "" : FormattableString.Invariant($"{manifest.Seed}");
        return FormattableString.Invariant($"{manifest.Dataset.Sha256} {split.Method} {split.ValidationFraction} {seed} {counts} {training}");
    }

    /// <summary>The same texts by other labels are other examples. A version that continues another has the labels of that one, whichever its own examples have.</summary>
    private static bool MayHaveSameLabels(VersionManifest first, VersionManifest second) =>
        first.Lineage?.Kind == BaseKind.ContinueFrom || second.Lineage?.Kind == BaseKind.ContinueFrom || first.Labels.SequenceEqual(second.Labels, StringComparer.Ordinal);

    private static string HashOf(VersionManifest manifest) => manifest.Files.First(file => file.Name == VersionFolder.WeightsFile).Sha256;

    private static List<DifferenceResponse> Differences(JsonObject first, JsonObject second)
    {
        var (left, right) = (new SortedDictionary<string, string>(StringComparer.Ordinal), new SortedDictionary<string, string>(StringComparer.Ordinal));
        Flatten("", first, left);
        Flatten("", second, right);
        return [.. left.Keys.Union(right.Keys).Order(StringComparer.Ordinal)
            .Select(path => new DifferenceResponse(path, left.GetValueOrDefault(path), right.GetValueOrDefault(path)))
            .Where(difference => difference.First != difference.Second)];
    }

    private static void Flatten(string path, JsonNode? node, SortedDictionary<string, string> values)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
                Flatten(path.Length == 0 ? name : $"{path}.{name}", value, values);
        }
        else if (node is not null)
        {
            values[path] = EvaluationReports.Shortened(node.ToJsonString(ServiceJson.Options), EvaluationReports.TextCharacters);
        }
    }

    private static List<MetricDifference> Metrics(TrainingReport first, TrainingReport second) =>
        [.. first.Metrics.Keys.Union(second.Metrics.Keys).Order(StringComparer.Ordinal).Select(name =>
        {
            double? left = first.Metrics.GetValueOrDefault(name), right = second.Metrics.GetValueOrDefault(name);
            RangeReport? leftRange = first.Evaluation?.Confidence?.Intervals.GetValueOrDefault(name), rightRange = second.Evaluation?.Confidence?.Intervals.GetValueOrDefault(name);
            bool? overlap = leftRange is { Lower: { } a, Upper: { } b } && rightRange is { Lower: { } c, Upper: { } d } ? a <= d && c <= b : null;
            return new MetricDifference(name, left, right, right - left, leftRange, rightRange, overlap);
        })];
}
