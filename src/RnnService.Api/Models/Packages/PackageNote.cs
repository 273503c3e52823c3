namespace RnnService.Api.Models.Packages;

/// <summary>What <c>package.json</c> of a package says: what the version was called where it was exported, and what people said of it there. All else stands in its manifest.</summary>
public sealed record PackageNote
{
    /// <summary>The format that this service writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The format of the package.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The version's number.</summary>
    public required int Version { get; init; }

    /// <summary>What people say of the version; null: nothing.</summary>
    public required string? Description { get; init; }

    /// <summary>The version's tags.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }
}
