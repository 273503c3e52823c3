using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using RnnService.Api.Hosting;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>
/// Answers with the events of a job as server-sent events, those of the past and those to come, until the job has ended. Each is read from the database, so that a reader may be as slow as he
/// likes, or go and come again with the number of the last event he saw: he gets each one once.
/// </summary>
internal sealed class JobEventStream(string jobId, long after, JobEventStore events, JobEventBell bell, TimeSpan heartbeat, CancellationToken stopping) : IResult, IEndpointMetadataProvider
{
    /// <summary>Events that are read at a time.</summary>
    private const int Batch = 100;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [EventStreams.MediaType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // A stream lasts as long as its job; a reader who goes or stands still ends it.
        httpContext.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var response = httpContext.Response;
        response.ContentType = EventStreams.MediaType;
        response.Headers.CacheControl = "no-cache, no-store";
        // Reverse proxies of the nginx kind hold answers back unless told not to.
        response.Headers["X-Accel-Buffering"] = "no";
        // A service that stops would otherwise wait for its streams; their readers go on with the next process.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        try
        {
            await TellAsync(response.Body, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader has gone, or the service stops.
        }
    }

    private async Task TellAsync(Stream body, CancellationToken cancellationToken)
    {
        long seen = after;
        using var listener = bell.Listen(jobId);
        await WriteAsync(body, ": events\n\n", cancellationToken);
        while (true)
        {
            // The status first: the event of a job's end is written with it, so that what is read after an ended status is all there is.
            var status = await events.StatusOrNullAsync(jobId, cancellationToken);
            var happened = await events.ListAsync(jobId, seen, Batch, cancellationToken);
            if (happened.Count > 0)
            {
                await WriteAsync(body, string.Concat(happened.Select(Text)), cancellationToken);
                seen = happened[^1].Sequence;
            }

            if (happened.Count == Batch)
                continue;
            if (status is not { } now || !JobStatuses.Active.Contains(now))
            {
                await WriteAsync(body, $"event: end\ndata: {JsonSerializer.Serialize(new StreamEnd(status), ServiceJson.Options)}\n\n", cancellationToken);
                return;
            }

            if (!await listener.WaitAsync(heartbeat, cancellationToken))
                await WriteAsync(body, ": still here\n\n", cancellationToken);
        }
    }

    // JSON as it is written here has no line breaks, so that one line of data holds it.
    private static string Text(JobEventRow happened) => string.Create(
        CultureInfo.InvariantCulture,
        $"id: {happened.Sequence}\nevent: {JsonNamingPolicy.CamelCase.ConvertName(happened.Type.ToString())}\ndata: {JsonSerializer.Serialize(JobEventResponse.Of(happened), ServiceJson.Options)}\n\n");

    private static async Task WriteAsync(Stream body, string text, CancellationToken cancellationToken)
    {
        await body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await body.FlushAsync(cancellationToken);
    }
}
