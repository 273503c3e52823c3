namespace RnnService.Api.TrainingJobs;

/// <summary>What the worker and the requests share: a bell for new jobs, and the job that runs.</summary>
public sealed class TrainingDesk : IDisposable
{
    private readonly SemaphoreSlim _bell = new(0);
    private volatile RunningJob? _running;

    /// <summary>Wakes the worker.</summary>
    public void Ring()
    {
        if (_bell.CurrentCount == 0)
            _bell.Release();
    }

    /// <summary>Waits for a new job.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _bell.WaitAsync(cancellationToken);

    /// <summary>Makes a job the one that runs.</summary>
    public RunningJob Begin(string id) => _running = new RunningJob(id);

    /// <summary>Nothing runs any more.</summary>
    public void End()
    {
        var ended = _running;
        _running = null;
        ended?.Dispose();
    }

    /// <summary>The job of this id if it runs now.</summary>
    public RunningJob? FindOrNull(string id) => _running is { } running && running.Id == id ? running : null;

    public void Dispose()
    {
        End();
        _bell.Dispose();
    }
}
