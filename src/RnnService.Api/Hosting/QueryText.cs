using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.WebUtilities;

namespace RnnService.Api.Hosting;

/// <summary>Turns a query string into the JSON object that it stands for, so that queries and bodies are checked alike.</summary>
internal static class QueryText
{
    /// <summary>Writes the parameters as members. Text is written as a number or boolean only where the contract wants one and it is exactly that.</summary>
    public static void WriteAsJson(QueryStringEnumerable query, ContractShape shape, Problems problems, Utf8JsonWriter writer)
    {
        var values = new OrderedDictionary<string, List<string>>();
        foreach (var pair in query)
        {
            var name = pair.DecodeName().ToString();
            if (!IsWellFormed(pair.EncodedName.Span) || !IsWellFormed(pair.EncodedValue.Span))
            {
                problems.AddUnreadable(Problems.Shortened(name), $"must be UTF-8 in percent-encoding; given {Problems.Quoted(pair.EncodedValue.ToString())}");
                continue;
            }

            if (!values.TryGetValue(name, out var list)) values[name] = list = [];
            list.Add(pair.DecodeValue().ToString());
        }

        writer.WriteStartObject();
        foreach (var (name, given) in values)
        {
            if (!shape.Members.TryGetValue(name, out var member))
            {
                var allowed = shape.Members.Count == 0 ? "there are none here" : $"the parameters here are {string.Join(", ", shape.Members.Keys)}";
                problems.AddUnreadable(Problems.Shortened(name), $"is an unknown query parameter; {allowed}");
            }
            else if (member.Shape.Kind == ShapeKind.Array)
            {
                writer.WriteStartArray(name);
                foreach (var value in given) WriteValue(writer, value, member.Shape.Element!.Kind);
                writer.WriteEndArray();
            }
            else if (given.Count > 1)
            {
                problems.AddUnreadable(name, $"may be given once; given {given.Count} times");
            }
            else
            {
                writer.WritePropertyName(name);
                WriteValue(writer, given[0], member.Shape.Kind);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Whether every % begins a byte and all bytes together are UTF-8: the framework takes what is not for plain text.</summary>
    private static bool IsWellFormed(ReadOnlySpan<char> encoded)
    {
        if (!encoded.Contains('%')) return true;
        var bytes = new List<byte>(encoded.Length);
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] != '%')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([encoded[i]]));
                continue;
            }

            if (i + 2 >= encoded.Length || !byte.TryParse(encoded.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
            bytes.Add(value);
            i += 2;
        }

        return Utf8.IsValid(bytes.ToArray());
    }

    private static void WriteValue(Utf8JsonWriter writer, string value, ShapeKind kind)
    {
        var isLiteral = kind switch
        {
            ShapeKind.Integer or ShapeKind.Number => IsLiteral(value, JsonTokenType.Number),
            ShapeKind.Boolean => value is "true" or "false",
            _ => false,
        };
        if (isLiteral) writer.WriteRawValue(value);
        else writer.WriteStringValue(value);
    }

    private static bool IsLiteral(string value, JsonTokenType type)
    {
        if (value.Length is 0 or > 64 || char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1])) return false;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(value));
        try
        {
            return reader.Read() && reader.TokenType == type && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
