namespace RnnService.Api.Models.Packages;

/// <summary>A version as one file: a zip archive of its four files and <see cref="PackageNote"/>, stored, in this order, without folders, times or comments (docs/registry.md).</summary>
internal static class PackageFormat
{
    public const string MediaType = "application/zip";

    /// <summary>The entry of the <see cref="PackageNote"/>.</summary>
    public const string NoteFile = "package.json";

    /// <summary>A note is at most the longest description and all tags, escaped.</summary>
    public const long MostNoteBytes = 1 << 20;

    /// <summary>Zip archives beyond 4 GiB have other fields, which are neither written nor read. The rest is for what surrounds the files.</summary>
    public const long MostBytes = uint.MaxValue - (1 << 20);

    /// <summary>What one file of a version may have at most.</summary>
    public static long MostBytesOf(string file) => file switch
    {
        VersionFolder.ManifestFile => VersionFolder.MaximumManifestBytes,
        VersionFolder.ReportFile => VersionFolder.MaximumReportBytes,
        VersionFolder.TokenizerFile => VersionFolder.MaximumTokenizerBytes,
        _ => MostBytes,
    };

    /// <summary>All entries, the small ones first.</summary>
    public static IReadOnlyList<string> Entries { get; } = [NoteFile, VersionFolder.ManifestFile, VersionFolder.TokenizerFile, VersionFolder.ReportFile, VersionFolder.WeightsFile];
}
