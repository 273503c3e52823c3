using System.ComponentModel.DataAnnotations;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>Settings of section <c>Events</c>.</summary>
public sealed class EventOptions
{
    public const string Section = "Events";

    /// <summary>Streams of events that are open at a time; a further one is answered with 503.</summary>
    [Range(0, 100_000)]
    public int MaxStreams { get; set; } = 256;

    /// <summary>Milliseconds after which a stream in which nothing happens sends a sign of life.</summary>
    [Range(10, 600_000)]
    public int HeartbeatMilliseconds { get; set; } = 15_000;
}
