using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RnnService.Api.Hosting;

/// <summary>
/// Walks JSON against the shape of a contract. Every problem is noted under its path; what is right is written out again,
/// so that the contract can be built, and its own rules checked, in spite of the members that are wrong.
/// </summary>
internal sealed class ContractWalker(Problems problems, Utf8JsonWriter output, int maxItems)
{
    /// <summary>Walks the object at <paramref name="path"/>; what is none is replaced by one of placeholders.</summary>
    public void WalkObject(JsonElement element, ContractShape shape, string path)
    {
        output.WriteStartObject();
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.AddUnreadable(path, $"must be an object; given {Given(element)}");
            WriteRequiredMembers(shape);
            output.WriteEndObject();
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (NameOrNull(property) is not { } name)
            {
                problems.AddUnreadable(path.Length == 0 ? Problems.Whole : path, "has a member whose name is not valid Unicode text");
                continue;
            }

            var at = Join(path, name);
            if (!shape.Members.TryGetValue(name, out var member))
            {
                if (seen.Add(name)) problems.AddUnreadable(at, $"is unknown; the members here are {string.Join(", ", shape.Members.Keys)}");
                continue;
            }

            if (!seen.Add(name)) problems.AddUnreadable(at, "is given more than once");
            else if (property.Value.ValueKind != JsonValueKind.Null) WalkMember(property.Value, member, at);
            else if (member.Required) AddMissing(member, at);
        }

        foreach (var member in shape.Members.Values)
        {
            if (member.Required && !seen.Contains(member.Name)) AddMissing(member, Join(path, member.Name));
        }

        output.WriteEndObject();
    }

    private void AddMissing(ContractMember member, string path)
    {
        problems.AddUnreadable(path, "is required");
        output.WritePropertyName(member.Name);
        WritePlaceholder(member.Shape);
    }

    private void WalkMember(JsonElement element, ContractMember member, string path)
    {
        switch (member.Shape.Kind)
        {
            case ShapeKind.Object:
                output.WritePropertyName(member.Name);
                WalkObject(element, member.Shape, path);
                break;
            case ShapeKind.Array:
                output.WritePropertyName(member.Name);
                WalkArray(element, member, member.Shape, path);
                break;
            case ShapeKind.Map:
                output.WritePropertyName(member.Name);
                WalkMap(element, member, member.Shape, path);
                break;
            default:
                if (ScalarProblemOrNull(element, member.Shape, member) is { } problem)
                {
                    problems.AddUnreadable(path, problem);
                    if (!member.Required) return;
                    output.WritePropertyName(member.Name);
                    WritePlaceholder(member.Shape);
                    return;
                }

                output.WritePropertyName(member.Name);
                element.WriteTo(output);
                break;
        }
    }

    private void WalkArray(JsonElement element, ContractMember? member, ContractShape shape, string path)
    {
        output.WriteStartArray();
        if (element.ValueKind != JsonValueKind.Array)
        {
            problems.AddUnreadable(path, $"must be an array; given {Given(element)}");
        }
        else if (LengthProblemOrNull(member, element.GetArrayLength(), "items") is { } problem)
        {
            problems.AddUnreadable(path, problem);
        }
        else
        {
            var index = 0;
            foreach (var item in element.EnumerateArray()) WalkValue(item, shape.Element!, member, $"{path}[{(index++).ToString(CultureInfo.InvariantCulture)}]");
        }

        output.WriteEndArray();
    }

    private void WalkMap(JsonElement element, ContractMember? member, ContractShape shape, string path)
    {
        output.WriteStartObject();
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.AddUnreadable(path, $"must be an object; given {Given(element)}");
        }
        else if (LengthProblemOrNull(member, element.GetPropertyCount(), "members") is { } problem)
        {
            problems.AddUnreadable(path, problem);
        }
        else
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in element.EnumerateObject())
            {
                if (NameOrNull(property) is not { } name)
                {
                    problems.AddUnreadable(path, "has a member whose name is not valid Unicode text");
                }
                else if (!seen.Add(name))
                {
                    problems.AddUnreadable(Join(path, name), "is given more than once");
                }
                else if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    output.WritePropertyName(name);
                    WalkValue(property.Value, shape.Element!, null, Join(path, name));
                }
            }
        }

        output.WriteEndObject();
    }

    /// <summary>An element of an array or a value of a map: unlike a member it cannot be left out, so what is wrong is replaced.</summary>
    private void WalkValue(JsonElement element, ContractShape shape, ContractMember? owner, string path)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Object:
                WalkObject(element, shape, path);
                break;
            case ShapeKind.Array:
                WalkArray(element, null, shape, path);
                break;
            case ShapeKind.Map:
                WalkMap(element, null, shape, path);
                break;
            default:
                if (ScalarProblemOrNull(element, shape, null) is { } problem)
                {
                    problems.AddUnreadable(path, problem);
                    WritePlaceholder(shape);
                    return;
                }

                if (owner?.MaxTextBytes is { } most && TextBytesProblemOrNull(element, most) is { } tooLong) problems.AddUnreadable(path, tooLong);
                element.WriteTo(output);
                break;
        }
    }

    private string? LengthProblemOrNull(ContractMember? member, int count, string unit)
    {
        if (member is not null) return member.LengthProblemOrNull(count, unit, maxItems);
        return count <= maxItems ? null : $"must have at most {maxItems.ToString(CultureInfo.InvariantCulture)} {unit}; given {count.ToString(CultureInfo.InvariantCulture)}";
    }

    private static string? ScalarProblemOrNull(JsonElement element, ContractShape shape, ContractMember? member) => shape.Kind switch
    {
        ShapeKind.Text => TextProblemOrNull(element, member),
        ShapeKind.Boolean => element.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : $"must be true or false; given {Given(element)}",
        ShapeKind.Integer or ShapeKind.Number => NumberProblemOrNull(element, shape, member),
        ShapeKind.Choice => TextOrNull(element) is { } text && shape.Choices.Contains(text) ? null : $"must be {shape.ChoicesText}; given {Given(element)}",
        ShapeKind.Time => TextOrNull(element) is not null && element.TryGetDateTimeOffset(out _) ? null : $"must be an ISO 8601 time; given {Given(element)}",
        _ => throw new InvalidOperationException($"{shape.Kind} is no scalar."),
    };

    private static string? NumberProblemOrNull(JsonElement element, ContractShape shape, ContractMember? member)
    {
        var range = member?.Range;
        var noun = shape.Kind == ShapeKind.Integer ? "an integer" : "a number";
        var readable = element.ValueKind == JsonValueKind.Number && (shape.Kind == ShapeKind.Integer ? element.TryGetInt64(out _) : element.TryGetDouble(out _));
        if (readable && element.TryGetDouble(out var value) && shape.TypeRange.Contains(value) && (range is null || range.Value.Contains(value))) return null;
        // Without a range of its own a number has no bounds worth telling, unless they are what is wrong.
        var bounds = range?.ToString() ?? (element.ValueKind == JsonValueKind.Number && shape.Kind == ShapeKind.Integer ? shape.TypeRange.ToString() : null);
        return $"must be {noun}{(bounds is null ? "" : " " + bounds)}; given {Given(element)}";
    }

    private static string? TextProblemOrNull(JsonElement element, ContractMember? member)
    {
        if (element.ValueKind != JsonValueKind.String) return $"must be a string; given {Given(element)}";
        if (TextOrNull(element) is not { } text) return "must be valid Unicode text; given an unpaired surrogate";
        if (member is null) return null;
        if (member.IsResourceName && !Storage.ResourceName.IsValid(text)) return $"{Storage.ResourceName.Rule}; given {Problems.Quoted(text)}";
        if (member.MaxTextBytes is { } most && TextBytesProblemOrNull(element, most) is { } tooLong) return tooLong;
        return member.MinLength == 0 && member.MaxLength is null ? null : member.LengthProblemOrNull(Problems.Scalars(text), "characters", null);
    }

    private static string? TextBytesProblemOrNull(JsonElement element, int most)
    {
        if (TextOrNull(element) is not { } text) return null;
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes <= most ? null : $"must have at most {most.ToString(CultureInfo.InvariantCulture)} bytes as UTF-8; given {bytes.ToString(CultureInfo.InvariantCulture)}";
    }

    private static string? TextOrNull(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String) return null;
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: legal in JSON's grammar, but no text.
            return null;
        }
    }

    private static string? NameOrNull(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void WritePlaceholder(ContractShape shape)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Object or ShapeKind.Map:
                output.WriteStartObject();
                WriteRequiredMembers(shape);
                output.WriteEndObject();
                break;
            case ShapeKind.Array:
                output.WriteStartArray();
                output.WriteEndArray();
                break;
            case ShapeKind.Text:
                output.WriteStringValue("");
                break;
            case ShapeKind.Choice:
                output.WriteStringValue(shape.Choices[0]);
                break;
            case ShapeKind.Boolean:
                output.WriteBooleanValue(false);
                break;
            case ShapeKind.Time:
                output.WriteStringValue(DateTimeOffset.UnixEpoch);
                break;
            default:
                output.WriteNumberValue(0);
                break;
        }
    }

    private void WriteRequiredMembers(ContractShape shape)
    {
        foreach (var member in shape.Members.Values.Where(member => member.Required))
        {
            output.WritePropertyName(member.Name);
            WritePlaceholder(member.Shape);
        }
    }

    private static string Join(string path, string member) => path.Length == 0 ? Problems.Shortened(member) : $"{path}.{Problems.Shortened(member)}";

    private static string Given(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => TextOrNull(element) is { } text ? Problems.Quoted(text) : "an unpaired surrogate",
        _ => Problems.Shortened(element.GetRawText()),
    };
}
