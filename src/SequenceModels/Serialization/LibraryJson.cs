using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SequenceModels.Serialization;

/// <summary>JSON by reflection, which is named because programs of one file have none by default.</summary>
internal static class LibraryJson
{
    public static IJsonTypeInfoResolver Resolver { get; } = new DefaultJsonTypeInfoResolver();

    /// <summary>The defaults of the runtime.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { TypeInfoResolver = Resolver };
}
