using System.Text.Json;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;
using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>The file beside a content that gives it a name: the truth of which datasets exist.</summary>
public sealed record DatasetManifest
{
    private const int PresentVersion = 1;

    public required int FormatVersion { get; init; }

    public required string Name { get; init; }

    public required DatasetFormat Format { get; init; }

    public required bool Header { get; init; }

    public string? TextColumn { get; init; }

    public string? LabelColumn { get; init; }

    public required long Bytes { get; init; }

    public required string Sha256 { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<DatasetWarning> Warnings { get; init; }

    /// <summary>How many warnings there are in all; null where it was not written down.</summary>
    public long? WarningCount { get; init; }

    public required DatasetStatistics Statistics { get; init; }

    public static string Write(Dataset dataset) => JsonSerializer.Serialize(
        new DatasetManifest
        {
            FormatVersion = PresentVersion,
            Name = dataset.Name,
            Format = dataset.Options.Format,
            Header = dataset.Options.Header,
            TextColumn = dataset.Options.TextColumn,
            LabelColumn = dataset.Options.LabelColumn,
            Bytes = dataset.Bytes,
            Sha256 = dataset.Sha256,
            CreatedAt = dataset.CreatedAt,
            Warnings = dataset.Warnings,
            WarningCount = dataset.WarningCount,
            Statistics = dataset.Statistics,
        },
        ServiceJson.Options);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a format that this version of the service does not know.</exception>
    public static Dataset Read(string json)
    {
        DatasetManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<DatasetManifest>(json, ServiceJson.Options) ?? throw new InvalidDataException("It is null.");
        }
        catch (JsonException cause)
        {
            throw new InvalidDataException($"It cannot be read: {cause.Message}", cause);
        }

        if (manifest.FormatVersion != PresentVersion) throw new InvalidDataException($"Its format version is {manifest.FormatVersion}; {PresentVersion} is known.");
        if (!ResourceName.IsValid(manifest.Name)) throw new InvalidDataException("Its name is not valid.");
        return new Dataset
        {
            Name = manifest.Name,
            Options = new DatasetOptions(manifest.Format, manifest.Header, manifest.TextColumn, manifest.LabelColumn),
            Bytes = manifest.Bytes,
            Sha256 = manifest.Sha256,
            CreatedAt = manifest.CreatedAt,
            Warnings = manifest.Warnings,
            WarningCount = manifest.WarningCount ?? manifest.Warnings.Count,
            Statistics = manifest.Statistics,
        };
    }
}
