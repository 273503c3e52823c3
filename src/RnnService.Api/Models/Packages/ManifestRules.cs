using System.Text.Json;
using RnnService.Api.Hosting;
using SequenceModels.Tasks;

namespace RnnService.Api.Models.Packages;

/// <summary>What holds of every manifest that a service wrote, so that one from elsewhere can be taken for one of ours.</summary>
internal static class ManifestRules
{
    private const int HashLength = 64;
    private const double LargestFraction = 0.5;

    /// <summary>More than a token takes in a tokenizer's file: the longest have some 260 characters, of six bytes each where they are escaped. What surrounds all of them takes less, too.</summary>
    private const int MostTokenBytes = 2048;

    private static readonly string[] s_methods = ["contiguous", "stratified", "shuffled", "given"];
    private static readonly string[] s_shares = ["accuracy", "macroF1", "microF1", "top1Accuracy", "top5Accuracy"];

    /// <summary>Clocks of two machines may differ by so much.</summary>
    private static readonly TimeSpan s_clocksDiffer = TimeSpan.FromMinutes(10);

    /// <summary>All that is wrong with a manifest which can be read.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="json">As it was read from.</param>
    /// <param name="mostBytes">For all files together.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<PackageFault> Faults(VersionManifest manifest, ReadOnlyMemory<byte> json, long mostBytes, DateTimeOffset now)
    {
        if (UnknownMemberOrNull(json.Span) is { } unknown)
            return [new PackageFault(VersionFolder.ManifestFile, $"has a member that no manifest has: {Problems.Shortened(unknown)}")];
        var problems = new Problems();
        Files(manifest, mostBytes, problems);
        using (var document = JsonDocument.Parse(json))
            ManifestSettings.Check(document.RootElement, problems);
        if (manifest.Seed != manifest.Training.Seed)
            problems.Add("seed", $"must be training.seed, {manifest.Training.Seed}; given {manifest.Seed}");
        if (manifest.CreatedAt > now + s_clocksDiffer)
            problems.Add("createdAt", $"must not lie in the future; given {manifest.CreatedAt:O}");
        problems.Range("parameters", manifest.Parameters, 1, long.MaxValue);
        Tags(manifest.Tags!, problems);
        problems.Name("jobId", manifest.JobId);
        Dataset(manifest.Dataset, "dataset", problems);
        Dataset(manifest.Split.ValidationDataset, "split.validationDataset", problems);
        Split(manifest.Split, problems);
        Metrics(manifest, problems);
        if (manifest.Lineage is { } lineage)
        {
            problems.Name("lineage.baseModel", lineage.BaseModel);
            problems.Range("lineage.baseVersion", lineage.BaseVersion, 1, int.MaxValue);
            Hash(lineage.BaseWeightsSha256, "lineage.baseWeightsSha256", problems);
            Dataset(lineage.BaseDataset, "lineage.baseDataset", problems);
        }

        bool conditional = manifest.Task == TaskKind.LanguageModel && manifest.Labels.Count > 0;
        if (conditional != manifest.LabelShares is not null || (conditional && (manifest.LabelShares!.Count != manifest.Labels.Count || manifest.LabelShares.Any(share => share is not (>= 0 and <= 1)))))
            problems.Add("labelShares", "must have a share from 0 to 1 for each label of a language model with labels, and be null for others");
        return problems.ToErrors().SelectMany(problem => problem.Value.Select(message => new PackageFault(VersionFolder.ManifestFile, $"{problem.Key} {message}")));
    }

    /// <summary>The rules of tags, of which one that was read from a file may be null.</summary>
    public static void Tags(IReadOnlyDictionary<string, string?> tags, Problems problems)
    {
        problems.Tags("tags", tags.ToDictionary(tag => tag.Key, tag => tag.Value ?? "", StringComparer.Ordinal));
        foreach (var (key, _) in tags.Where(tag => tag.Value is null))
            problems.Add($"tags.{Problems.Shortened(key)}", "must be a string; given null");
    }

    private static void Files(VersionManifest manifest, long mostBytes, Problems problems)
    {
        foreach (var file in manifest.Files)
        {
            problems.Range($"files.{file.Name}.bytes", file.Bytes, 0, Math.Min(mostBytes, PackageFormat.MostBytesOf(file.Name)));
            Hash(file.Sha256, $"files.{file.Name}.sha256", problems);
        }

        if (problems.Any)
            return;
        var tokenizer = manifest.Files.First(file => file.Name == VersionFolder.TokenizerFile);
        long mostTokenizerBytes = (Math.Max(0L, manifest.Tokenizer.VocabularySize) + 1) * MostTokenBytes;
        if (tokenizer.Bytes > mostTokenizerBytes)
            problems.Add($"files.{tokenizer.Name}.bytes", $"must be at most {mostTokenizerBytes} for {manifest.Tokenizer.VocabularySize} tokens; given {tokenizer.Bytes}");
        long bytes = manifest.Files.Sum(file => file.Bytes);
        if (bytes > mostBytes)
            problems.Add("files", $"must have at most {mostBytes} bytes in all (the setting Models:MaxImportBytes); given {bytes}");
        if (bytes != manifest.Bytes)
            problems.Add("bytes", $"must be those of all files, {bytes}; given {manifest.Bytes}");
    }

    private static void Split(SplitSummary split, Problems problems)
    {
        problems.OneOf("split.method", split.Method, s_methods);
        problems.Range("split.validationFraction", split.ValidationFraction, 0, LargestFraction, aboveMinimum: true);
        problems.Range("split.trainingSequences", split.TrainingSequences, 0, long.MaxValue);
        problems.Range("split.validationSequences", split.ValidationSequences, 0, long.MaxValue);
        problems.Range("split.trainingCharacters", split.TrainingCharacters, 0, long.MaxValue);
        problems.Range("split.validationCharacters", split.ValidationCharacters, 0, long.MaxValue);
    }

    private static void Metrics(VersionManifest manifest, Problems problems)
    {
        string main = manifest.Task == TaskKind.LanguageModel ? "validationLoss" : "accuracy";
        if (manifest.Metrics.GetValueOrDefault(main) is null)
            problems.Add($"metrics.{main}", "is required, and must be a number");
        foreach (var (name, value) in manifest.Metrics)
        {
            if (!MetricCondition.IsName(name))
                problems.Add("metrics", $"must have letters and digits for names; given {Problems.Quoted(name)}");
            else
                problems.Range($"metrics.{Problems.Shortened(name)}", value, 0, s_shares.Contains(name) ? 1 : double.MaxValue);
        }
    }

    /// <summary>Where a member stands that manifests of this release do not have. The registry reads over such a member.</summary>
    private static string? UnknownMemberOrNull(ReadOnlySpan<byte> json)
    {
        try
        {
            JsonSerializer.Deserialize<VersionManifest>(json, ManifestJson.Strict);
            return null;
        }
        catch (JsonException unknown)
        {
            return unknown.Path ?? "$";
        }
    }

    private static void Dataset(DatasetIdentity? dataset, string path, Problems problems)
    {
        if (dataset is null)
            return;
        problems.Name($"{path}.name", dataset.Name);
        Hash(dataset.Sha256, $"{path}.sha256", problems);
    }

    private static void Hash(string hash, string path, Problems problems)
    {
        if (hash.Length != HashLength || hash.Any(digit => !char.IsAsciiHexDigitLower(digit)))
            problems.Add(path, $"must be a SHA-256 in lower-case hexadecimal digits; given {Problems.Quoted(hash)}");
    }
}
