using System.Text.Json;
using System.Text.Json.Serialization;
using SequenceModels.Training;

namespace SequenceModels.Benchmarks.Study;

/// <summary>Settings to be tried: what a request would choose, and on which sets.</summary>
internal sealed record StudySettings
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public required string Name { get; init; }

    /// <summary>Sets to be tried on; <c>null</c>: all that are asked for.</summary>
    public IReadOnlyList<string>? Sets { get; init; }

    public ArchitectureRequest Architecture { get; init; } = new();

    public TrainingRequest Training { get; init; } = new();

    /// <summary>Reads a list of them.</summary>
    /// <exception cref="JsonException">The file is something else.</exception>
    public static IReadOnlyList<StudySettings> Read(string file) =>
        JsonSerializer.Deserialize<StudySettings[]>(File.ReadAllText(file), s_json) ?? throw new JsonException($"{file} holds no list.");
}
