using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using RnnService.Api.Hosting;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>The events of jobs: kept, listed and streamed.</summary>
internal static class JobEventEndpoints
{
    private const string LastEventId = "Last-Event-ID";
    private const int RetryAfterSeconds = 5;

    private const string Example = """
        { "items": [
            { "sequence": 41, "at": "2026-01-02T03:04:05.678Z", "level": "info", "type": "status", "message": "Queued.", "data": { "status": "queued", "result": null, "error": null } },
            { "sequence": 42, "at": "2026-01-02T03:04:05.700Z", "level": "info", "type": "status", "message": "Started.", "data": { "status": "running", "result": null, "error": null } } ],
          "next": "42" }
        """;

    public static IServiceCollection AddJobEvents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EventOptions>().Bind(configuration.GetSection(EventOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<JobEventBell>().AddSingleton<JobEventStore>().AddSingleton<EventStreamPlaces>().AddSingleton<JobRecorders>();
    }

    /// <summary>Maps the route of a job's events into the group of jobs.</summary>
    public static RouteHandlerBuilder MapJobEvents(this RouteGroupBuilder jobs) =>
        jobs.MapGet("/{id}/events", ListAsync).WithName("listTrainingJobEvents").ReadsQuery<JobEventsQuery>()
            .ReadsHeader(LastEventId, "The sequence number of the last event seen; goes before `after`. Browsers send it when a stream was cut off.", "42")
            .WithSummary("Watch a training job")
            .WithDescription("What happened to the job, oldest first: its changes of `status`, `metrics` on the way and at each validation, a `sample` of what the model makes of its task by then, and `advice` where something is "
                + "wrong. With `Accept: text/event-stream` the events come as server-sent events while they happen: `id` is the sequence number, `event` the type, `data` the event. After a cut, `Last-Event-ID` or `after` goes "
                + "on without gap or repetition. When the job has ended, `event: end` with its status closes the stream. The `next` of a list is the sequence number of its last event, for `after`.")
            .ResponseExample(200, Example)
            .ProducesProblems(400, 404);

    private static async Task<Results<Ok<Page<JobEventResponse>>, JobEventStream, ProblemHttpResult>> ListAsync(
        string id, HttpContext context, RequestReader reader, JobEventStore events, JobEventBell bell, EventStreamPlaces places, IOptions<EventOptions> options,
        IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<JobEventsQuery>(context);
        if (!query.IsValid)
            return query.Problem;
        long after = query.Value.After ?? 0;
        if (context.Request.Headers.TryGetValue(LastEventId, out var header) && header.ToString() is { Length: > 0 } last)
        {
            if (JobEventsQuery.SequenceOrNull(last) is not { } sequence)
                return ServiceProblems.BadRequest(LastEventId, $"must be the id of an event of this stream, a whole number; given {Problems.Quoted(last)}");
            after = sequence;
        }

        bool streams = EventStreams.AreWanted(context.Request);
        if (streams && query.Value.Limit is { } limit)
            return ServiceProblems.BadRequest("limit", $"is for lists and must be left out of a stream; given {limit.ToString(CultureInfo.InvariantCulture)}");
        if (await events.StatusOrNullAsync(id, cancellationToken) is null)
            return ServiceProblems.NotFound($"There is no training job {Problems.Quoted(id)}.");
        if (streams)
        {
            if (places.TakeOrNull() is not { } place)
                return ServiceProblems.Unavailable($"{options.Value.MaxStreams} streams of events are open, which is all that the setting Events:MaxStreams allows.", RetryAfterSeconds);
            context.Response.RegisterForDispose(place);
            return new JobEventStream(id, after, events, bell, TimeSpan.FromMilliseconds(options.Value.HeartbeatMilliseconds), lifetime.ApplicationStopping);
        }

        int size = query.Value.Limit ?? PageQuery.DefaultLimit;
        var page = (await events.ListAsync(id, after, size + 1, cancellationToken)).ToPage(size, happened => happened.Sequence.ToString(CultureInfo.InvariantCulture));
        return TypedResults.Ok(new Page<JobEventResponse>([.. page.Items.Select(JobEventResponse.Of)], page.Next));
    }
}
