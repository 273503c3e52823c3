using System.Text.Json;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.Hosting;

/// <summary>Examples are read before anything else is: each answer's has every member of its schema and none besides, each of its type.</summary>
public sealed class OpenApiExampleTests
{
    [Fact]
    public async Task Every_example_of_an_answer_is_whole_and_fits_its_schema()
    {
        await using var host = await ServiceHost.StartAsync();
        var document = await host.GetAsync("/swagger/v1/swagger.json");
        var schemas = document["components"]!["schemas"]!.AsObject();
        var examples =
            (from path in document["paths"]!.AsObject()
             from operation in path.Value!.AsObject()
             from response in operation.Value!["responses"]!.AsObject()
             from media in response.Value!["content"]?.AsObject() ?? []
             where media.Value!["example"] is not null
             select (Name: $"{operation.Key} {path.Key} {response.Key}", Example: media.Value!["example"], Schema: media.Value!["schema"]!)).ToList();
        Assert.True(examples.Count > 100, $"{examples.Count} examples");
        Assert.Empty(examples.SelectMany(example => FaultsOf(example.Example, example.Schema, example.Name, schemas)));
    }

    [Theory]
    [InlineData("""{ "name": "a", "kind": "up", "more": { "b": 1 }, "list": [ null ] }""")]
    [InlineData("""{ "name": null, "kind": "up", "more": {}, "list": [] }""", "$.name: null")]
    [InlineData("""{ "name": "a", "kind": "left", "more": {}, "list": [] }""", "$.kind: left")]
    [InlineData("""{ "name": "a", "kind": "up", "more": { "b": "1" }, "list": [] }""", "$.more.b: no integer")]
    [InlineData("""{ "name": "a", "kind": "up", "list": [ 1.5 ], "extra": 1 }""", "$.more: missing", "$.list[0]: no integer", "$.extra: not in the schema")]
    public void Faults_of_examples_are_found(string example, params string[] faults)
    {
        var schemas = JsonNode.Parse("""
            { "Kind": { "type": "string", "enum": [ "up", "down" ] },
              "Thing": { "type": "object", "required": [ "name", "kind", "more", "list" ],
                "properties": { "name": { "type": "string" }, "kind": { "allOf": [ { "$ref": "#/components/schemas/Kind" } ] },
                                "more": { "type": "object", "additionalProperties": { "type": "integer" } }, "list": { "type": "array", "items": { "type": "integer", "nullable": true } } } } }
            """)!.AsObject();
        Assert.Equal(faults, FaultsOf(JsonNode.Parse(example), JsonNode.Parse("""{ "$ref": "#/components/schemas/Thing" }""")!, "$", schemas));
    }

    /// <summary>What of a value is not as the schema says, as far as this service's schemas go.</summary>
    private static IEnumerable<string> FaultsOf(JsonNode? value, JsonNode schema, string path, JsonObject schemas)
    {
        if ((string?)schema["$ref"] is { } reference)
            return FaultsOf(value, schemas[reference.Split('/')[^1]]!, path, schemas);
        if (value is null)
            return (bool?)schema["nullable"] == true || (schema["type"] ?? schema["allOf"]) is null ? [] : [$"{path}: null"];
        var faults = (schema["allOf"]?.AsArray() ?? []).SelectMany(part => FaultsOf(value, part!, path, schemas));
        string? type = (string?)schema["type"];
        if (type is not null && !IsOf(type, value))
            return faults.Append($"{path}: no {type}");
        if (schema["enum"] is JsonArray choices && !choices.Any(choice => JsonNode.DeepEquals(choice, value)))
            return faults.Append($"{path}: {value}");
        if (value is JsonArray items && schema["items"] is { } ofItems)
            return faults.Concat(items.SelectMany((item, index) => FaultsOf(item, ofItems, $"{path}[{index}]", schemas)));
        return value is JsonObject members && type == "object" ? faults.Concat(FaultsOfMembers(members, schema, path, schemas)) : faults;
    }

    private static IEnumerable<string> FaultsOfMembers(JsonObject members, JsonNode schema, string path, JsonObject schemas)
    {
        var missing = (schema["required"]?.AsArray() ?? []).Select(name => (string)name!).Where(name => !members.ContainsKey(name)).Select(name => $"{path}.{name}: missing");
        return missing.Concat(members.SelectMany(member =>
            (schema["properties"]?[member.Key] ?? schema["additionalProperties"] as JsonObject) is { } own ? FaultsOf(member.Value, own, $"{path}.{member.Key}", schemas) : [$"{path}.{member.Key}: not in the schema"]));
    }

    private static bool IsOf(string type, JsonNode value) => (type, value.GetValueKind()) switch
    {
        ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("array", JsonValueKind.Array) or ("object", JsonValueKind.Object) => true,
        ("integer", JsonValueKind.Number) => value.ToJsonString().All(character => char.IsAsciiDigit(character) || character == '-'),
        _ => false,
    };
}
