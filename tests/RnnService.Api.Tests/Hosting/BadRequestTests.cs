using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Hosting;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Hosting;

/// <summary>Bad requests made from the contracts of all endpoints: each member gets every kind of wrong value, and the problem must name it.</summary>
public sealed class BadRequestTests
{
    [Fact]
    public async Task Every_member_of_every_body_is_checked()
    {
        await using var host = await ServiceHost.StartAsync();
        var tried = 0;
        foreach (var (contract, _, example) in Bodies(host))
        {
            foreach (var (path, bad) in BadValues(ContractShape.Of(contract, ServiceJson.Options, []), ""))
            {
                var body = JsonNode.Parse(example)!;
                Put(body, path, bad);
                var errors = Errors(host, contract, body.ToJsonString());
                Assert.True(errors.Keys.Any(key => key == path || key.StartsWith(path + "[", StringComparison.Ordinal)), $"{contract.Name}: {path} = {bad} should be a problem of {path}, but they are of {string.Join(", ", errors.Keys)}");
                tried++;
            }
        }

        Assert.True(tried >= 100, $"Only {tried} bad bodies were tried.");
    }

    [Fact]
    public async Task Bad_members_of_one_body_are_all_named_over_HTTP_too()
    {
        await using var host = await ServiceHost.StartAsync();
        var problem = await host.PostAsync("/api/v1/training-jobs", """
            { "model": "No Name", "task": "guessing", "dataset": { "name": 5 }, "validation": { "fraction": 0.9 }, "architecture": { "layers": 9, "dropout": 1, "size": 3 },
              "training": { "epochs": 0, "learningRate": "0.1", "seed": 1.5 }, "tags": { "a": 1 }, "priority": "high" }
            """, 400);
        Assert.Equal(
            ["architecture.dropout", "architecture.layers", "architecture.size", "dataset.name", "model", "priority", "tags.a", "task", "training.epochs", "training.learningRate", "training.seed", "validation.fraction"],
            ServiceHost.Errors(problem).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_parameter_of_every_query_is_checked()
    {
        await using var host = await ServiceHost.StartAsync();
        var tried = 0;
        foreach (var endpoint in Endpoints(host).Where(endpoint => endpoint.Metadata.GetMetadata<QueryContract>() is not null))
        {
            var shape = ContractShape.Of(endpoint.Metadata.GetMetadata<QueryContract>()!.Type, ServiceJson.Options, []);
            foreach (var (name, bad) in BadParameters(shape))
            {
                var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
                using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{PathOf(endpoint)}?{name}={bad}", UriKind.Relative));
                if (method == "POST") request.Content = new StringContent("a\nb\n", Encoding.UTF8, "text/plain");
                using var response = await host.Client.SendAsync(request);
                var text = await response.Content.ReadAsStringAsync();
                Assert.True((int)response.StatusCode == 400 && JsonNode.Parse(text)!["errors"]![name] is not null, $"{request.RequestUri}: {(int)response.StatusCode} {text}");
                tried++;
            }
        }

        Assert.True(tried >= 40, $"Only {tried} bad queries were tried.");
    }

    [Fact]
    public async Task Random_bodies_never_make_a_failure_of_the_service()
    {
        // The models of the examples are there, so that what is accepted is also done.
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("dinosaurs"));
        await host.TrainAsync(TinyJobs.Classifier("moods"));
        var answers = new Dictionary<int, int>();
        foreach (var (contract, route, _) in Bodies(host))
        {
            var random = new RandomJson(seed: 2, [.. Names(ContractShape.Of(contract, ServiceJson.Options, []))]);
            for (var round = 0; round < 500; round++)
            {
                var body = random.Body();
                var method = route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
                var path = round % 2 == 0 ? PathOf(route) : PathOf(route).Replace("dinosaurs", "moods", StringComparison.Ordinal);
                using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                using var response = await host.Client.SendAsync(request);
                Assert.True((int)response.StatusCode < 500, $"{path} answered {(int)response.StatusCode} to {body}");
                CollectionsMarshal.GetValueRefOrAddDefault(answers, (int)response.StatusCode, out _)++;
            }
        }

        Assert.True(answers.Values.Sum() >= 3000, $"Only {answers.Values.Sum()} bodies were sent.");
        Assert.True(answers.GetValueOrDefault(400) >= 1000 && answers.GetValueOrDefault(200) > 0, string.Join(", ", answers));
    }

    private static IEnumerable<(string Path, JsonNode? Bad)> BadValues(ContractShape shape, string path)
    {
        yield return (Join(path, "unheardOf"), 1);
        foreach (var member in shape.Members.Values)
        {
            var at = Join(path, member.Name);
            if (member.Required) yield return (at, null);
            foreach (var bad in BadValues(member)) yield return (at, bad);
            if (member.Shape.Kind != ShapeKind.Object) continue;
            foreach (var inner in BadValues(member.Shape, at)) yield return inner;
        }
    }

    private static IEnumerable<JsonNode> BadValues(ContractMember member)
    {
        var kind = member.Shape.Kind;
        if (kind != ShapeKind.Boolean) yield return true;
        if (kind is not (ShapeKind.Integer or ShapeKind.Number)) yield return 12;
        if (kind is ShapeKind.Integer or ShapeKind.Number or ShapeKind.Boolean) yield return "12";
        if (kind is ShapeKind.Choice) yield return "Nonsense";
        if (kind is ShapeKind.Integer) yield return 1.5;
        if (kind is not ShapeKind.Array) yield return new JsonArray();
        if (kind is not (ShapeKind.Object or ShapeKind.Map)) yield return new JsonObject();
        if (member.IsResourceName) foreach (var name in new[] { "", "../x", "A", new string('a', 65) }) yield return name;
        if (member.Range is { } range)
        {
            var whole = kind == ShapeKind.Integer;
            if (range.Minimum > long.MinValue) yield return Number(range.AboveMinimum ? range.Minimum : range.Minimum - 1, whole);
            if (range.Maximum < long.MaxValue) yield return Number(range.BelowMaximum ? range.Maximum : range.Maximum + 1, whole);
        }

        if (kind == ShapeKind.Array && member.MinLength > 0) yield return new JsonArray();
        if (kind == ShapeKind.Array && member.MaxLength is { } most and < 10_000) yield return new JsonArray([.. Enumerable.Range(0, most + 1).Select(_ => (JsonNode)"x")]);
        if (kind == ShapeKind.Text && member.MaxLength is { } longest) yield return new string('x', longest + 1);
    }

    private static IEnumerable<(string Name, string Bad)> BadParameters(ContractShape shape)
    {
        yield return ("unheardOf", "1");
        foreach (var member in shape.Members.Values)
        {
            if (member.Shape.Kind is ShapeKind.Integer or ShapeKind.Number or ShapeKind.Boolean or ShapeKind.Choice) yield return (member.Name, "nonsense");
            if (member.Shape.Kind == ShapeKind.Integer) yield return (member.Name, "1.5");
            if (member.Shape.Kind != ShapeKind.Array) yield return (member.Name, $"1&{member.Name}=2");
            if (member.IsResourceName) yield return (member.Name, "..%2Fx");
            if (member.Range is not { } range) continue;
            yield return (member.Name, Number(range.AboveMinimum ? range.Minimum : range.Minimum - 1, member.Shape.Kind == ShapeKind.Integer).ToJsonString());
            yield return (member.Name, Number(range.BelowMaximum ? range.Maximum : range.Maximum + 1, member.Shape.Kind == ShapeKind.Integer).ToJsonString());
        }
    }

    private static IReadOnlyDictionary<string, string[]> Errors(ServiceHost host, Type contract, string json)
    {
        var read = typeof(RequestReader).GetMethod(nameof(RequestReader.Read))!.MakeGenericMethod(contract);
        var result = read.Invoke(host.Services.GetRequiredService<RequestReader>(), [new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(json)), RequestLimits.Default])!;
        var problem = (ProblemHttpResult?)result.GetType().GetProperty("Problem")!.GetValue(result);
        Assert.True(problem?.StatusCode == 400, $"{contract.Name} should refuse {json}");
        return (IReadOnlyDictionary<string, string[]>)problem.ProblemDetails.Extensions["errors"]!;
    }

    private static IEnumerable<(Type Contract, RouteEndpoint Endpoint, string Example)> Bodies(ServiceHost host) =>
        from endpoint in Endpoints(host)
        let body = endpoint.Metadata.GetMetadata<JsonBody>()
        where body is not null
        select (body.Type, endpoint, endpoint.Metadata.GetOrderedMetadata<BodyExample>().First(example => example.Status is null).Json);

    private static IEnumerable<RouteEndpoint> Endpoints(ServiceHost host) => host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription != true);

    private static string PathOf(RouteEndpoint endpoint)
    {
        var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
        return endpoint.Metadata.GetOrderedMetadata<ParameterDescription>().Aggregate(path, (text, parameter) => text.Replace($"{{{parameter.Name}}}", parameter.Example, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Names(ContractShape shape) => shape.Members.Values.SelectMany(member => Names(member.Shape).Prepend(member.Name)).Distinct();

    private static JsonNode Number(double value, bool whole) => whole ? JsonNode.Parse(value.ToString("F0", CultureInfo.InvariantCulture))! : value;

    private static void Put(JsonNode body, string path, JsonNode? value)
    {
        var names = path.Split('.');
        foreach (var name in names[..^1]) body = body[name] ??= new JsonObject();
        body[names[^1]] = value?.DeepClone();
    }

    private static string Join(string path, string member) => path.Length == 0 ? member : $"{path}.{member}";
}
