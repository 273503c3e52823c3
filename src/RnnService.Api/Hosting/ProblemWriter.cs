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
        var (type, title, detail) = ProblemKind.Of(status);
        // The framework fills in its own type (a section of an RFC) and title: ours say more.
        if (problem.Type is null || !problem.Type.StartsWith('/')) problem.Type = TypeUri(type);
        problem.Title = ProblemKind.TitleOrNull(problem.Type) ?? title;
        problem.Detail ??= detail;
        problem.Instance ??= http.Request.Path;
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
        if (problem.Extensions.Remove(ServiceProblems.RetryAfterSeconds, out var seconds)) http.Response.Headers.RetryAfter = Convert.ToString(seconds, CultureInfo.InvariantCulture);

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        // Not with RequestAborted: after a time-out that is cancelled, and yet the caller waits for this answer.
        await JsonSerializer.SerializeAsync(http.Response.Body, problem, ServiceJson.Options, CancellationToken.None);
    }

    /// <summary>The URI of a type of problems, relative to the service.</summary>
    public static string TypeUri(string type) => $"/problems/{type}";
}
