using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace RnnService.Api.Hosting;

/// <summary>The bytes of a JSON body, and whether they claim to be JSON.</summary>
internal static class RequestBody
{
    /// <summary>A 400 where there is no body, a 415 where it is no JSON in UTF-8; otherwise null.</summary>
    public static ProblemHttpResult? MediaTypeProblemOrNull(HttpRequest request)
    {
        if (!CanHaveBody(request)) return ServiceProblems.BadRequest(Problems.Whole, "the body is empty; a JSON object is required");

        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return ServiceProblems.UnsupportedMediaType($"The body must be sent without compression; given Content-Encoding {Problems.Quoted(encoding)}.");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return ServiceProblems.UnsupportedMediaType(string.IsNullOrEmpty(request.ContentType)
                ? "The header Content-Type is missing; it must be application/json."
                : $"The media type must be application/json; given {Problems.Quoted(request.ContentType)}.");
        }

        var isJson = type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
        if (!isJson) return ServiceProblems.UnsupportedMediaType($"The media type must be application/json; given {Problems.Quoted(request.ContentType!)}.");
        return type.Charset.Length == 0 || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? null
            : ServiceProblems.UnsupportedMediaType($"JSON must be sent as UTF-8; given charset {Problems.Quoted(type.Charset.ToString())}.");
    }

    /// <summary>Whether the request carries at least one byte, as far as its headers tell.</summary>
    public static bool CanHaveBody(HttpRequest request) =>
        request.ContentLength is { } length ? length > 0 : request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;

    /// <summary>Reads the whole body; false where it has more than <paramref name="mostBytes"/>.</summary>
    public static async Task<bool> TryReadAsync(HttpContext context, long mostBytes, ArrayBufferWriter<byte> destination, CancellationToken cancellationToken)
    {
        if (context.Request.ContentLength > mostBytes) return false;
        // The limit of the route replaces that of the server, in both directions.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            foreach (var segment in result.Buffer)
            {
                if (destination.WrittenCount + (long)segment.Length > mostBytes) return false;
                destination.Write(segment.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return true;
        }
    }
}
