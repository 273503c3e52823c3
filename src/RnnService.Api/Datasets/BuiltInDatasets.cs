using System.Security.Cryptography;
using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>The datasets that are part of the service: there from the first start, in every list, never deleted.</summary>
public sealed class BuiltInDatasets
{
    private static readonly DateTimeOffset s_createdAt = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    private readonly IReadOnlyList<(Dataset Dataset, byte[] Content)> _all =
    [
        Load("dinosaurs", "dinosaurs.txt", DatasetFormat.Lines),
        Load("opinions", "opinions.csv", DatasetFormat.Csv),
    ];

    /// <summary>All of them, in the order of their names.</summary>
    public IEnumerable<Dataset> All => _all.Select(entry => entry.Dataset);

    /// <summary>The one of this name, or null.</summary>
    public Dataset? FindOrNull(string name) => All.FirstOrDefault(dataset => dataset.Name == name);

    /// <summary>The content with this hash, or null.</summary>
    public Stream? OpenOrNull(string sha256)
    {
        var content = _all.FirstOrDefault(entry => entry.Dataset.Sha256 == sha256).Content;
        return content is null ? null : new MemoryStream(content, writable: false);
    }

    private static (Dataset Dataset, byte[] Content) Load(string name, string resource, DatasetFormat format)
    {
        using var stream = typeof(BuiltInDatasets).Assembly.GetManifestResourceStream($"RnnService.Api.Datasets.BuiltIn.{resource}")
            ?? throw new InvalidOperationException($"The built-in dataset {resource} is missing from the program.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        var options = new DatasetOptions(format).WithDefaults();
        using var copy = new MemoryStream(content, writable: false);
        var inspection = DatasetInspector.Inspect(copy, options, CancellationToken.None);
        return (
            new Dataset
            {
                Name = name,
                Options = options,
                Bytes = content.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
                CreatedAt = s_createdAt,
                BuiltIn = true,
                Warnings = inspection.Warnings,
                WarningCount = inspection.WarningCount,
                Statistics = inspection.Statistics,
            },
            content);
    }
}
