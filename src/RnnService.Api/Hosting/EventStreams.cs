using Microsoft.Net.Http.Headers;

namespace RnnService.Api.Hosting;

/// <summary>Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) as an answer that callers may choose.</summary>
internal static class EventStreams
{
    public const string MediaType = "text/event-stream";

    /// <summary>Whether the caller accepts them by name; to accept anything is not to ask for a stream.</summary>
    public static bool AreWanted(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase) && type.Quality is null or > 0);
}
