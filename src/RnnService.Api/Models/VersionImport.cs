namespace RnnService.Api.Models;

/// <summary>
/// Where a version came from that was trained elsewhere: the content of <c>import.json</c> beside its files. Its manifest is left as it was, so the job that it names is one of another service, or made another version of this one.
/// </summary>
public sealed record VersionImport
{
    /// <summary>The format that this service writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The format of the file.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>When it was imported.</summary>
    public required DateTimeOffset ImportedAt { get; init; }

    /// <summary>The name that its model had where it was exported.</summary>
    public required string Model { get; init; }

    /// <summary>The number that it had there.</summary>
    public required int Version { get; init; }
}
