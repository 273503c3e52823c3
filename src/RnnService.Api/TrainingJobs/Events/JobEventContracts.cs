using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using RnnService.Api.Hosting;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>Something that happened to a job.</summary>
/// <param name="Sequence">Its number: of two events the later one has the larger number. It is what <c>after</c> and <c>Last-Event-ID</c> want.</param>
/// <param name="At">When it happened.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Type">What it tells about.</param>
/// <param name="Message">It in words.</param>
/// <param name="Data">It in numbers and names, by the type.</param>
public sealed record JobEventResponse(long Sequence, DateTimeOffset At, JobEventLevel Level, JobEventType Type, string Message, JsonElement Data)
{
    internal static JobEventResponse Of(JobEventRow row) =>
        new(row.Sequence, row.At, row.Level, row.Type, row.Message, JsonElement.Parse(row.DataJson));
}

/// <summary>How a stream of events ends.</summary>
/// <param name="Status">The job's last status; null when it was deleted.</param>
public sealed record StreamEnd(JobStatus? Status);

/// <summary>The query of the events of a job.</summary>
public sealed record JobEventsQuery : IRequestContract
{
    private const double LargestSequence = (1L << 53) - 1;

    /// <summary>The sequence number of the last event seen; left out, the first event is the first of the list.</summary>
    [Range(0, LargestSequence)]
    public long? After { get; init; }

    /// <summary>The most events of the list, 50 if left out; a stream has no such limit.</summary>
    [Range(1, 200)]
    public int? Limit { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
    }

    /// <summary>The sequence number in a header <c>Last-Event-ID</c>; <c>null</c> when it is none.</summary>
    internal static long? SequenceOrNull(string header) =>
        long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence) && sequence <= LargestSequence ? sequence : null;
}
