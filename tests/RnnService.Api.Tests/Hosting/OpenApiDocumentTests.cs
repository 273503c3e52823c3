using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Hosting;

namespace RnnService.Api.Tests.Hosting;

/// <summary>The document is part of the contract: committed, compared with the live one, and complete enough to build a client from.</summary>
public sealed class OpenApiDocumentTests
{
    private const string Renewal = "If the change is meant, start the service and run: curl -s http://localhost:5080/swagger/v1/swagger.json -o docs/openapi.json";

    [Fact]
    public async Task The_committed_document_is_the_live_one()
    {
        await using var host = await ServiceHost.StartAsync();
        var live = await host.GetAsync("/swagger/v1/swagger.json");
        var committed = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "openapi.json")))!;
        var difference = FirstDifferenceOrNull(committed, live, "");
        Assert.True(difference is null, $"docs/openapi.json and the live document differ at {difference}. {Renewal}");
    }

    [Fact]
    public async Task Every_operation_says_all_that_a_caller_needs()
    {
        await using var host = await ServiceHost.StartAsync();
        var gaps = new List<string>();
        var identifiers = new HashSet<string>();
        foreach (var (path, method, operation) in Operations(await host.GetAsync("/swagger/v1/swagger.json")))
        {
            var name = $"{method.ToUpperInvariant()} {path}";
            void Demand(bool holds, string what)
            {
                if (!holds) gaps.Add($"{name}: {what}");
            }

            var identifier = (string?)operation["operationId"];
            Demand(identifier is not null && char.IsAsciiLetterLower(identifier[0]) && identifiers.Add(identifier), "a camelCase operation id of its own");
            Demand(HasText(operation["summary"]), "a summary");
            Demand(HasText(operation["description"]), "a description");
            Demand(operation["tags"] is JsonArray { Count: 1 }, "one tag");
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            {
                Demand(HasText(parameter!["description"]), $"a description of the parameter {parameter["name"]}");
                Demand((string?)parameter["in"] != "path" || parameter["example"] is not null, $"an example of the parameter {parameter["name"]}");
            }

            foreach (var (mediaType, media) in operation["requestBody"]?["content"]?.AsObject() ?? [])
            {
                Demand(mediaType != "application/json" || media!["example"] is not null, "an example of the request body");
            }

            var responses = operation["responses"]!.AsObject();
            Demand(responses.Any(response => response.Key[0] == '2'), "a success");
            foreach (var status in ProblemsOf(path, operation)) Demand(responses.ContainsKey(status), $"the problem {status}");
            foreach (var (status, response) in responses)
            {
                Demand(HasText(response!["description"]), $"a description of the answer {status}");
                foreach (var (mediaType, media) in response["content"]?.AsObject() ?? [])
                {
                    bool isFile = (string?)media!["schema"]?["format"] == "binary"; // whose bytes are what they are
                    Demand(isFile || !mediaType.EndsWith("json", StringComparison.Ordinal) || media["example"] is not null, $"an example of the answer {status} as {mediaType}");
                    Demand(status[0] == '2' || mediaType == "application/problem+json", $"{status} as a problem");
                }
            }
        }

        Assert.True(gaps.Count == 0, "The document lacks\n" + string.Join('\n', gaps));
    }

    [Fact]
    public async Task Every_schema_has_a_clean_name_and_those_of_requests_describe_their_members()
    {
        await using var host = await ServiceHost.StartAsync();
        var document = await host.GetAsync("/swagger/v1/swagger.json");
        Assert.StartsWith("3.", (string?)document["openapi"], StringComparison.Ordinal);
        var gaps = new List<string>();
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            Assert.Matches("^[A-Z][A-Za-z0-9]*$", name);
            if (schema!["enum"] is JsonArray choices) Assert.All(choices, choice => Assert.Matches("^[a-z][A-Za-z0-9]*$", (string?)choice));
            if (schema["additionalProperties"] is not JsonValue) continue;
            gaps.AddRange((schema["properties"]?.AsObject() ?? []).Where(member => !HasText(member.Value!["description"]) && member.Value!["$ref"] is null).Select(member => $"{name}.{member.Key}"));
        }

        Assert.True(gaps.Count == 0, "No description: " + string.Join(", ", gaps));
    }

    [Fact]
    public async Task Every_example_of_a_request_is_accepted_by_the_reader()
    {
        await using var host = await ServiceHost.StartAsync();
        foreach (var endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints)
        {
            var body = endpoint.Metadata.GetMetadata<JsonBody>();
            foreach (var example in endpoint.Metadata.GetOrderedMetadata<BodyExample>().Where(example => example.Status is null && body is not null))
            {
                var read = typeof(OpenApiDocumentTests).GetMethod(nameof(ProblemOrNull), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(body!.Type);
                var problem = (ProblemDetails?)read.Invoke(null, [example.Json]);
                Assert.True(problem is null, $"{endpoint.DisplayName}: {problem?.Detail} {example.Json}");
            }
        }
    }

    [Fact]
    public async Task The_pages_of_the_document_are_served()
    {
        await using var host = await ServiceHost.StartAsync();
        using var redirect = await host.Client.GetAsync(new Uri("/swagger", UriKind.Relative));
        Assert.Equal(301, (int)redirect.StatusCode);
        var page = await host.Client.GetStringAsync(new Uri("/swagger/index.html", UriKind.Relative));
        Assert.Contains("swagger-ui", page, StringComparison.Ordinal);
        // The content security policy lets no script run that stands in the page itself.
        Assert.DoesNotMatch("<script(?![^>]* src=)", page);
    }

    private static ProblemDetails? ProblemOrNull<T>(string json)
        where T : class, IRequestContract => new RequestReader().Read<T>(Encoding.UTF8.GetBytes(json), RequestLimits.Default).Problem?.ProblemDetails;

    private static IEnumerable<string> ProblemsOf(string path, JsonNode operation)
    {
        if (!path.StartsWith("/api/", StringComparison.Ordinal)) yield break;
        foreach (var status in new[] { "400", "500", "503" }) yield return status;
        if (path.Contains('{', StringComparison.Ordinal)) yield return "404";
        if (operation["requestBody"] is null) yield break;
        yield return "413";
        yield return "415";
    }

    private static IEnumerable<(string Path, string Method, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (path.Key, operation.Key, operation.Value!);

    private static bool HasText(JsonNode? node) => node is JsonValue && !string.IsNullOrWhiteSpace((string?)node);

    private static string? FirstDifferenceOrNull(JsonNode? committed, JsonNode? live, string path)
    {
        if (JsonNode.DeepEquals(committed, live)) return null;
        if (committed is JsonObject left && live is JsonObject right)
        {
            foreach (var name in left.Select(member => member.Key).Union(right.Select(member => member.Key)))
            {
                if (FirstDifferenceOrNull(left[name], right[name], $"{path}/{name}") is { } difference) return difference;
            }
        }

        return $"{path} (committed: {Shown(committed)}, live: {Shown(live)})";
    }

    private static string Shown(JsonNode? node) => Problems.Shortened(node?.ToJsonString() ?? "nothing", 200);
}
