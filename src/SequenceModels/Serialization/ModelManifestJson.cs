using System.Text.Json;
using System.Text.Json.Serialization;
using SequenceModels.Tasks;

namespace SequenceModels.Serialization;

/// <summary>How manifests are written and read. Generated at build time, so that the library also works in programs compiled ahead of time, where reflection is cut off.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    Converters = [typeof(Names<TaskKind>), typeof(Names<CellKind>), typeof(Names<DropoutKind>), typeof(Names<TokenizerKind>), typeof(Names<PoolingKind>)])]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ModelManifestJson : JsonSerializerContext
{
    /// <summary>Enumerations by their names, in camel case; never by numbers.</summary>
    private sealed class Names<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
        where T : struct, Enum;
}
