using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>A name for immutable examples, found by their content.</summary>
public sealed record Dataset
{
    /// <summary>The name; it may be used again once the dataset is deleted.</summary>
    public required string Name { get; init; }

    /// <summary>How the content is read.</summary>
    public required DatasetOptions Options { get; init; }

    /// <summary>The length of the content.</summary>
    public required long Bytes { get; init; }

    /// <summary>The SHA-256 of the content, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>When it was uploaded.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether it is part of the service and cannot be deleted.</summary>
    public bool BuiltIn { get; init; }

    /// <summary>The first warnings of the check.</summary>
    public required IReadOnlyList<DatasetWarning> Warnings { get; init; }

    /// <summary>How many warnings there are in all.</summary>
    public required long WarningCount { get; init; }

    /// <summary>What the check counted.</summary>
    public required DatasetStatistics Statistics { get; init; }
}
