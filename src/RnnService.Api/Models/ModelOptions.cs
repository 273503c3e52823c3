using System.ComponentModel.DataAnnotations;
using RnnService.Api.Models.Packages;

namespace RnnService.Api.Models;

/// <summary>Limits of imports, and what is verified at start; section "Models".</summary>
public sealed class ModelOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Models";

    /// <summary>The most bytes of a package, as it is sent and unpacked.</summary>
    [Range(1, PackageFormat.MostBytes)]
    public long MaxImportBytes { get; set; } = 1 << 30;

    /// <summary>How long one import, with its check, may take.</summary>
    [Range(1, 86_400)]
    public int ImportTimeoutSeconds { get; set; } = 3600;

    /// <summary>Whether every file of every version is hashed before the service is ready.</summary>
    public bool VerifyAtStart { get; set; }
}
