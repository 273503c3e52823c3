using Microsoft.Extensions.Options;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>Counts the streams that are open, so that readers who never go do not take all connections.</summary>
internal sealed class EventStreamPlaces(IOptions<EventOptions> options)
{
    private int _taken;

    /// <summary>A place, free again when disposed; <c>null</c> when all are taken.</summary>
    public IDisposable? TakeOrNull()
    {
        if (Interlocked.Increment(ref _taken) <= options.Value.MaxStreams)
            return new Place(this);
        Interlocked.Decrement(ref _taken);
        return null;
    }

    private sealed class Place(EventStreamPlaces places) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                Interlocked.Decrement(ref places._taken);
        }
    }
}
