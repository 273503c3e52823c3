using System.Text.Json;
using System.Text.Json.Serialization;
using SequenceModels.Serialization;
using SequenceModels.Tasks;

namespace SequenceModels.Shapes;

/// <summary>The settings of a model as a JSON file, version 1 (docs/file-formats.md). Reading trusts nothing.</summary>
internal static class SequenceTaskFile
{
    /// <summary>Longest file that is read: far above any settings.</summary>
    public const int MaximumBytes = 64 * 1024 * 1024;

    private const int FormatVersion = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        TypeInfoResolver = LibraryJson.Resolver,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static void Write(SequenceTask task, SequenceScaling scaling, Stream destination) => JsonSerializer.Serialize(
        destination,
        new Content(FormatVersion, task.Shape, task.Input, task.Output, task.ChosenLoss, task.Architecture, scaling.Input, scaling.Output),
        Options);

    /// <summary>Reads a task and how it is standardised.</summary>
    /// <exception cref="InvalidDataException">The file is not well-formed, or what it says does not fit together.</exception>
    public static (SequenceTask Task, SequenceScaling Scaling) Read(Stream source)
    {
        Content? content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(CappedFile.Read(source, MaximumBytes, "file of settings"), Options);
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"The settings are not those of a model: {problem.Message}", problem);
        }

        if (content is null)
            throw new InvalidDataException("The settings are null.");
        if (content.FormatVersion != FormatVersion)
            throw new InvalidDataException($"'formatVersion' is {content.FormatVersion}; only version {FormatVersion} is known.");
        var task = new SequenceTask { Shape = content.Shape, Input = content.Input, Output = content.Output, Loss = content.Loss, Architecture = content.Architecture };
        if (task.Validate() is { Count: > 0 } problems)
            throw new InvalidDataException(string.Join(' ', problems));
        Check(content.InputStandardization, task.Input.Kind == StepKind.Frames, task.Input.Size, "inputStandardization");
        Check(content.OutputStandardization, task.PredictsNumbers, task.Output.Size, "outputStandardization");
        return (task, new SequenceScaling(content.InputStandardization, content.OutputStandardization));
    }

    private static void Check(Standardization? standardization, bool wanted, int features, string name)
    {
        if (standardization is null != !wanted)
            throw new InvalidDataException($"'{name}' is {(wanted ? "missing" : "given, but there is nothing to standardise")}.");
        if (standardization is null)
            return;
        if (standardization.Mean.Count != features || standardization.Deviation.Count != features)
            throw new InvalidDataException($"'{name}' has {standardization.Mean.Count} means and {standardization.Deviation.Count} deviations for {features} features.");
        if (standardization.Mean.Any(mean => !float.IsFinite(mean)) || standardization.Deviation.Any(deviation => !(deviation > 0) || !float.IsFinite(deviation)))
            throw new InvalidDataException($"'{name}' holds a mean that is not finite, or a deviation that is not above 0.");
    }

    private sealed record Content(
        int FormatVersion, TaskShape Shape, SequenceFormat Input, SequenceFormat Output, TaskLoss Loss, ArchitectureSettings Architecture, Standardization? InputStandardization,
        Standardization? OutputStandardization);
}
