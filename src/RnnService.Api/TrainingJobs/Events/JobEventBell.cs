namespace RnnService.Api.TrainingJobs.Events;

/// <summary>Wakes those who wait for events of a job. A bell carries nothing: who hears it reads the database, and who was busy when it rang hears it when he listens.</summary>
public sealed class JobEventBell
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Listener>> _listeners = [];

    /// <summary>Tells that events of a job were written.</summary>
    public void Ring(string jobId)
    {
        lock (_gate)
        {
            foreach (var listener in _listeners.GetValueOrDefault(jobId) ?? [])
                listener.Wake();
        }
    }

    /// <summary>Listens for events of a job until disposed.</summary>
    public Listener Listen(string jobId)
    {
        lock (_gate)
        {
            if (!_listeners.TryGetValue(jobId, out var listeners))
                _listeners.Add(jobId, listeners = []);
            var listener = new Listener(this, jobId);
            listeners.Add(listener);
            return listener;
        }
    }

    private void Remove(Listener listener)
    {
        lock (_gate)
        {
            var listeners = _listeners[listener.JobId];
            listeners.Remove(listener);
            if (listeners.Count == 0)
                _listeners.Remove(listener.JobId);
        }
    }

    /// <summary>One who listens.</summary>
    public sealed class Listener(JobEventBell bell, string jobId) : IDisposable
    {
        private readonly SemaphoreSlim _rung = new(0);

        internal string JobId => jobId;

        /// <summary>Waits until the bell has rung since the last time; false when it has not for so long.</summary>
        public Task<bool> WaitAsync(TimeSpan patience, CancellationToken cancellationToken) => _rung.WaitAsync(patience, cancellationToken);

        public void Dispose()
        {
            bell.Remove(this);
            _rung.Dispose();
        }

        // Under the bell's gate, so that nobody counts between the question and the answer but a waiting one, who only takes.
        internal void Wake()
        {
            if (_rung.CurrentCount == 0)
                _rung.Release();
        }
    }
}
