using System.Text.Json;
using System.Text.Json.Serialization;
using RnnService.Api.Hosting;

namespace RnnService.Api.Models;

/// <summary>How manifests and reports are written to and read from files: the rules of the HTTP contract, indented, nothing null that must not be.</summary>
public static class ManifestJson
{
    public static JsonSerializerOptions Options { get; } = new(ServiceJson.Options)
    {
        RespectNullableAnnotations = true,
        WriteIndented = true,
        MaxDepth = 32,
    };

    /// <summary>The same for what comes from elsewhere: a member that is not known is an error.</summary>
    public static JsonSerializerOptions Strict { get; } = new(Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
}
