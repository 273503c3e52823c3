using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace RnnService.Api.Hosting;

/// <summary>Writes every problem of the service, whatever the caller accepts: an error in an unexpected format is better than none.</summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        var status = problem.Status ??= http.Response.StatusCode;
        var (type, title, detail) = Kind(status);
        // The framework fills in its own type (a section of an RFC) and title: ours say more.
        if (problem.Type is null || !problem.Type.StartsWith('/')) (problem.Type, problem.Title) = (TypeUri(type), title);
        problem.Title ??= title;
        problem.Detail ??= detail;
        problem.Instance ??= http.Request.Path;
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
        if (problem.Extensions.Remove(ServiceProblems.RetryAfterSeconds, out var seconds)) http.Response.Headers.RetryAfter = Convert.ToString(seconds, CultureInfo.InvariantCulture);

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        await JsonSerializer.SerializeAsync(http.Response.Body, problem, ServiceJson.Options, http.RequestAborted);
    }

    /// <summary>The URI of a type of problems, relative to the service.</summary>
    public static string TypeUri(string type) => $"/problems/{type}";

    private static (string Type, string Title, string? Detail) Kind(int status) => status switch
    {
        400 => ("bad-request", "The request is malformed or out of range", null),
        404 => ("not-found", "There is no such thing", "Nothing is at this address."),
        405 => ("method-not-allowed", "The method is not allowed here", "The header Allow names the methods of this address."),
        408 => ("request-timeout", "The request took too long to arrive", null),
        409 => ("conflict", "The request conflicts with the present state", null),
        413 => ("too-large", "The request is too large", null),
        415 => ("unsupported-media-type", "The media type is not supported", "The operation does not read bodies of this media type."),
        422 => ("unprocessable", "The data cannot be learned from", null),
        429 => ("too-many-requests", "Too many requests", null),
        500 => ("internal-error", "The service failed", "The service could not answer. Its log tells more under the traceId."),
        503 => ("unavailable", "The service cannot answer now", null),
        _ => ($"status-{status.ToString(CultureInfo.InvariantCulture)}", "The request could not be answered", null),
    };
}
