using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>One server-sent event; a comment has neither a type nor data.</summary>
internal sealed record StreamedEvent(long? Id, string? Type, JsonNode? Data, string? Comment)
{
    public bool IsEnd => Type == "end";
}

/// <summary>Reads the stream of a job's events as a client does: line by line, by the rules of server-sent events.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage response, StreamReader lines) => (_response, _lines) = (response, lines);

    /// <summary>Opens a stream behind the event that was seen last.</summary>
    public static async Task<EventReader> OpenAsync(HttpClient client, string job, long? lastEventId = null, CancellationToken cancellationToken = default)
    {
        var response = await SendAsync(client, $"{TinyJobs.Jobs}/{job}/events", lastEventId, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
    }

    /// <summary>Asks for a stream, whatever the answer is.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, long? lastEventId, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is { } last)
            request.Headers.Add("Last-Event-ID", last.ToString(CultureInfo.InvariantCulture));
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The next event or comment; <c>null</c> when the stream is closed.</summary>
    public async Task<StreamedEvent?> NextOrNullAsync(CancellationToken cancellationToken = default)
    {
        long? id = null;
        string? type = null, data = null, comment = null;
        while (await _lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
                return new StreamedEvent(id, type, data is null ? null : JsonNode.Parse(data), comment);
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string value = line[(colon + 1)..].TrimStart();
            switch (line[..colon])
            {
                case "": comment = value; break;
                case "id": id = long.Parse(value, CultureInfo.InvariantCulture); break;
                case "event": type = value; break;
                case "data": data = value; break;
                default: Assert.Fail($"An unknown field: {line}"); break;
            }
        }

        return null;
    }

    /// <summary>The next event, comments left out; <c>null</c> when the stream is closed.</summary>
    public async Task<StreamedEvent?> NextEventOrNullAsync(CancellationToken cancellationToken = default)
    {
        while (await NextOrNullAsync(cancellationToken) is { } next)
        {
            if (next.Type is not null)
                return next;
        }

        return null;
    }

    /// <summary>All events to the end of the stream.</summary>
    public async Task<IReadOnlyList<StreamedEvent>> ToEndAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var events = new List<StreamedEvent>();
        while (await NextEventOrNullAsync(patience.Token) is { } next)
            events.Add(next);
        return events;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}
