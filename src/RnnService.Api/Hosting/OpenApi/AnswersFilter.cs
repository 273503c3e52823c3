using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace RnnService.Api.Hosting.OpenApi;

/// <summary>Tells what an operation answers: examples, and the problems that any operation may answer with.</summary>
internal sealed class AnswersFilter : IOperationFilter
{
    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";
    private const string EventStream = "text/event-stream";

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        operation.Responses ??= [];
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var path = "/" + context.ApiDescription.RelativePath;
        if (path.StartsWith("/api/", StringComparison.Ordinal))
        {
            var readsBody = metadata.OfType<JsonBody>().Any() || metadata.OfType<IAcceptsMetadata>().Any();
            foreach (var status in readsBody ? new[] { 400, 413, 415, 500, 503 } : [400, 500, 503]) operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse());
        }

        foreach (var (status, response) in operation.Responses)
        {
            if (response is OpenApiResponse own && int.TryParse(status, CultureInfo.InvariantCulture, out var code) && code >= 400) FinishProblem(own, code, path, context);
        }

        foreach (var produced in metadata.OfType<IProducesResponseTypeMetadata>()) AddMediaTypes(operation, produced, context);
        foreach (var response in operation.Responses.Values) DescribeStreams(response, context.SchemaRepository);
        foreach (var example in metadata.OfType<BodyExample>().Where(example => example.Status is not null))
        {
            var status = example.Status!.Value.ToString(CultureInfo.InvariantCulture);
            if (!operation.Responses.TryGetValue(status, out var response)) throw new InvalidOperationException($"{operation.OperationId} has an example of an answer {status} that it does not declare.");
            if ((MediaOrNull(response, Json) ?? MediaOrNull(response, ProblemJson)) is { } media) media.Example = JsonNode.Parse(example.Json);
        }
    }

    /// <summary>An answer that comes in several media types is told once for each; the generator keeps only the last.</summary>
    private static void AddMediaTypes(OpenApiOperation operation, IProducesResponseTypeMetadata produced, OperationFilterContext context)
    {
        if (produced.Type is not { } type || type == typeof(void) || produced.StatusCode >= 400) return;
        if (!operation.Responses!.TryGetValue(produced.StatusCode.ToString(CultureInfo.InvariantCulture), out var response) || response is not OpenApiResponse own) return;
        own.Content ??= new Dictionary<string, IOpenApiMediaType>();
        foreach (var mediaType in produced.ContentTypes.Where(mediaType => !own.Content.ContainsKey(mediaType)))
        {
            own.Content[mediaType] = new OpenApiMediaType { Schema = context.SchemaGenerator.GenerateSchema(type, context.SchemaRepository) };
        }
    }

    private static OpenApiMediaType? MediaOrNull(IOpenApiResponse response, string mediaType) =>
        response.Content is { } content && content.TryGetValue(mediaType, out var media) ? media as OpenApiMediaType : null;

    /// <summary>Server-sent events are text on the wire; the type that carries them within the service is nobody's concern.</summary>
    private static void DescribeStreams(IOpenApiResponse response, SchemaRepository schemas)
    {
        if (MediaOrNull(response, EventStream) is not { } stream) return;
        stream.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
        foreach (var name in schemas.Schemas.Keys.Where(name => name.EndsWith("SseItem", StringComparison.Ordinal)).ToArray()) schemas.Schemas.Remove(name);
    }

    private static void FinishProblem(OpenApiResponse response, int status, string path, OperationFilterContext context)
    {
        var kind = ProblemKind.Of(status);
        response.Description = kind.Title;
        response.Content = new Dictionary<string, IOpenApiMediaType>
        {
            [ProblemJson] = new OpenApiMediaType
            {
                Schema = context.SchemaGenerator.GenerateSchema(typeof(ProblemDetails), context.SchemaRepository),
                Example = Example(kind, status, path),
            },
        };
        if (status is 429 or 503)
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>();
            response.Headers["Retry-After"] = new OpenApiHeader
            {
                Description = "Seconds to wait before another try.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
            };
        }
    }

    private static JsonObject Example(ProblemKind kind, int status, string path)
    {
        var example = new JsonObject
        {
            ["type"] = ProblemWriter.TypeUri(kind.Type),
            ["title"] = kind.Title,
            ["status"] = status,
            ["detail"] = kind.Detail ?? "What is wrong with this very request.",
            ["instance"] = path,
            ["traceId"] = "0af7651916cd43dd8448eb211c80319c",
        };
        if (status == 400) example["errors"] = new JsonObject { ["limit"] = new JsonArray("must be an integer from 1 to 200; given 0") };
        return example;
    }
}
