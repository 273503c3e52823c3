using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace RnnService.Api.Hosting;

/// <summary>
/// Reads request bodies and query strings into contracts. Unknown members, wrong types, values out of range and the contract's own rules
/// are all found in one pass and answered together; nothing that was sent is ignored and nothing is converted.
/// </summary>
public sealed class RequestReader
{
    private readonly ConcurrentDictionary<Type, ContractShape> _shapes = new();

    /// <summary>Reads the JSON body. The endpoint's <see cref="RequestLimits"/> apply.</summary>
    public async Task<RequestResult<T>> ReadBodyAsync<T>(HttpContext context, CancellationToken cancellationToken)
        where T : class, IRequestContract
    {
        var limits = context.GetEndpoint()?.Metadata.GetMetadata<RequestLimits>() ?? RequestLimits.Default;
        if (RequestBody.MediaTypeProblemOrNull(context.Request) is { } refusal) return new RequestResult<T>(refusal);

        var body = new ArrayBufferWriter<byte>(256);
        if (!await RequestBody.TryReadAsync(context, limits.MaxBodyBytes, body, cancellationToken)) return new RequestResult<T>(ServiceProblems.TooLarge("The body", limits.MaxBodyBytes));
        return Read<T>(body.WrittenMemory, limits);
    }

    /// <summary>Reads a JSON text as if it were the body of a request.</summary>
    public RequestResult<T> Read<T>(ReadOnlyMemory<byte> json, RequestLimits limits)
        where T : class, IRequestContract
    {
        if (json.Span.StartsWith(Encoding.UTF8.Preamble)) json = json[3..];
        if (json.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0) return Refused<T>("is empty; a JSON object is required");
        if (Utf8Position.FirstInvalidOrNull(json.Span) is { } position) return Refused<T>($"is not valid UTF-8 at byte {position + 1}");

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = limits.MaxDepth });
        }
        catch (JsonException malformed)
        {
            return Refused<T>($"is not valid JSON at line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}: {Reason(malformed)}");
        }

        using (document)
        {
            return Build<T>(document.RootElement, limits);
        }
    }

    /// <summary>Reads the query string. Parameter names and values are exact; a parameter of a list member may repeat.</summary>
    public RequestResult<T> ReadQuery<T>(HttpContext context)
        where T : class, IRequestContract
    {
        var problems = new Problems();
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            QueryText.WriteAsJson(new QueryStringEnumerable(context.Request.QueryString.Value), ShapeOf(typeof(T)), problems, writer);
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return Build<T>(document.RootElement, RequestLimits.Default, problems);
    }

    private RequestResult<T> Build<T>(JsonElement root, RequestLimits limits, Problems? found = null)
        where T : class, IRequestContract
    {
        var problems = found ?? new Problems();
        var accepted = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(accepted))
        {
            new ContractWalker(problems, writer, limits.MaxItems).WalkObject(root, ShapeOf(typeof(T)), "");
        }

        if (root.ValueKind == JsonValueKind.Object)
        {
            var contract = JsonSerializer.Deserialize(accepted.WrittenSpan, (JsonTypeInfo<T>)ServiceJson.Options.GetTypeInfo(typeof(T)))!;
            contract.Validate(problems);
            if (!problems.Any) return new RequestResult<T>(contract);
        }

        return new RequestResult<T>(ServiceProblems.BadRequest(problems));
    }

    private ContractShape ShapeOf(Type type) => _shapes.GetOrAdd(type, static key => ContractShape.Of(key, ServiceJson.Options, []));

    private static RequestResult<T> Refused<T>(string message)
        where T : class => new(ServiceProblems.BadRequest(Problems.Whole, $"the body {message}"));

    private static string Reason(JsonException malformed)
    {
        // The framework appends its own position, counted from 0; the full stop is added where the sentence ends.
        var message = malformed.Message;
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }
}
