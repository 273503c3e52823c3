using System.ComponentModel.DataAnnotations;

namespace RnnService.Api.Datasets;

/// <summary>Limits of uploads; section "Datasets".</summary>
public sealed class DatasetUploadOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Datasets";

    /// <summary>The most bytes of a dataset.</summary>
    [Range(1, long.MaxValue)]
    public long MaxUploadBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How long one upload, with its check, may take.</summary>
    [Range(1, 86_400)]
    public int UploadTimeoutSeconds { get; set; } = 3600;

    /// <summary>How many uploads are checked at a time; each check takes a core and up to about 40 MB of memory, and 16 bytes a row of the disk while it goes on.</summary>
    [Range(1, 64)]
    public int MaxConcurrentChecks { get; set; } = 2;
}
