using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace RnnService.Api.TrainingJobs;

/// <summary>What the worker and the requests share: a bell for new jobs, and the jobs that run.</summary>
public sealed class TrainingDesk(IOptions<TrainingOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _bell = new(0);
    private readonly ConcurrentDictionary<string, RunningJob> _running = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Why no job is begun although some wait; <c>null</c> while any may be.</summary>
    public string? Shortage { get; set; }

    /// <summary>Wakes a slot of the worker. No more wait than there are slots, so that no more strokes are kept.</summary>
    public void Ring()
    {
        lock (_gate)
        {
            if (_bell.CurrentCount < options.Value.MaxConcurrentJobs)
                _bell.Release();
        }
    }

    /// <summary>Waits for a new job.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _bell.WaitAsync(cancellationToken);

    /// <summary>Makes a job one that runs.</summary>
    public RunningJob Begin(string id) => _running[id] = new RunningJob(id);

    /// <summary>A job runs no more.</summary>
    public void End(RunningJob ended)
    {
        _running.TryRemove(KeyValuePair.Create(ended.Id, ended)); // not one that has taken its place
        ended.Dispose();
    }

    /// <summary>The ids of the jobs that run now.</summary>
    public ICollection<string> Running => _running.Keys;

    /// <summary>The job of this id if it runs now.</summary>
    public RunningJob? FindOrNull(string id) => _running.GetValueOrDefault(id);

    public void Dispose()
    {
        foreach (var running in _running.Values)
            running.Dispose();
        _bell.Dispose();
    }
}
