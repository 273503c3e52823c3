using System.ComponentModel.DataAnnotations;

namespace RnnService.Api.Hosting;

/// <summary>How the service treats connections and requests; section "Hosting".</summary>
public sealed class HostingOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Hosting";

    /// <summary>A request that takes longer is answered with 503. Uploads have their own time.</summary>
    [Range(1, 86_400)]
    public int RequestTimeoutSeconds { get; set; } = 120;

    /// <summary>How long a stopping service waits for what it has begun.</summary>
    [Range(1, 3600)]
    public int ShutdownSeconds { get; set; } = 25;
}
