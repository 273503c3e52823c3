using System.Globalization;

namespace RnnService.Api.Hosting;

/// <summary>What the problems of one status have in common.</summary>
/// <param name="Type">The last part of the type URI.</param>
/// <param name="Title">What happened, in general.</param>
/// <param name="Detail">What to say where nothing more is known.</param>
internal sealed record ProblemKind(string Type, string Title, string? Detail = null)
{
    /// <summary>The title of a type whose problems are not what those of its status mostly are.</summary>
    public static string? TitleOrNull(string type) => type == ProblemWriter.TypeUri("faulty-package") ? "The package cannot be imported" : null;

    public static ProblemKind Of(int status) => status switch
    {
        400 => new("bad-request", "The request is malformed or out of range"),
        404 => new("not-found", "There is no such thing", "Nothing is at this address."),
        405 => new("method-not-allowed", "The method is not allowed here", "The header Allow names the methods of this address."),
        408 => new("request-timeout", "The request took too long to arrive"),
        409 => new("conflict", "The request conflicts with the present state"),
        413 => new("too-large", "The request is too large"),
        415 => new("unsupported-media-type", "The media type is not supported", "The operation does not read bodies of this media type."),
        416 => new("range-not-satisfiable", "The range lies outside of the content", "The header Content-Range names the length of the content."),
        422 => new("unprocessable", "The data cannot be learned from"),
        429 => new("too-many-requests", "Too many requests"),
        500 => new("internal-error", "The service failed", "The service could not answer. Its log tells more under the traceId."),
        503 => new("unavailable", "The service cannot answer now"),
        _ => new($"status-{status.ToString(CultureInfo.InvariantCulture)}", "The request could not be answered"),
    };
}
