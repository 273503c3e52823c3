using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace RnnService.Api.Hosting;

/// <summary>What holds for every request to the API before its handler runs: the service is ready, and nothing is sent that the operation would not look at.</summary>
internal sealed class RequestGate(RequestDelegate next, ServiceReadiness readiness)
{
    private const int MostUnreadBytes = 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/api") || context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        var refusal = NotReadyOrNull() ?? UnreadQueryOrNull(context, endpoint) ?? await UnreadBodyOrNullAsync(context, endpoint);
        if (refusal is null) await next(context);
        else await refusal.ExecuteAsync(context);
    }

    private ProblemHttpResult? NotReadyOrNull()
    {
        if (readiness.IsReady || readiness.IsDraining) return null;
        return ServiceProblems.Unavailable("The service is starting.", 1);
    }

    private static ProblemHttpResult? UnreadQueryOrNull(HttpContext context, Endpoint endpoint)
    {
        if (!context.Request.QueryString.HasValue || endpoint.Metadata.GetMetadata<QueryContract>() is not null) return null;
        var problems = new Problems();
        foreach (var pair in new QueryStringEnumerable(context.Request.QueryString.Value))
        {
            problems.AddUnreadable(Problems.Shortened(pair.DecodeName().ToString()), "is an unknown query parameter; there are none here");
        }

        return problems.Any ? ServiceProblems.BadRequest(problems) : null;
    }

    /// <summary>An empty JSON object holds nothing that could be ignored: some clients always send one.</summary>
    private static async Task<ProblemHttpResult?> UnreadBodyOrNullAsync(HttpContext context, Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<JsonBody>() is not null || endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null || !RequestBody.CanHaveBody(context.Request)) return null;
        var body = new ArrayBufferWriter<byte>(256);
        var isEmpty = await RequestBody.TryReadAsync(context, MostUnreadBytes, body, context.RequestAborted) && IsEmpty(body.WrittenMemory);
        return isEmpty ? null : ServiceProblems.BadRequest(Problems.Whole, "this operation reads no body, but one was sent");
    }

    private static bool IsEmpty(ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0) return true;
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.GetPropertyCount() == 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
