namespace RnnService.Api.Models;

/// <summary>
/// The best models so far of the jobs that are being trained, one a job, in memory: what <c>name@job-id</c> leads to until the job has published its version. One that is replaced is let go of when nobody uses it
/// any more.
/// </summary>
public sealed class JobSnapshots : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Snapshot> _snapshots = new(StringComparer.Ordinal);

    /// <summary>Keeps a model, whose owner this becomes, in place of the one before.</summary>
    public void Keep(string jobId, HostedModel model)
    {
        lock (_gate)
        {
            _snapshots.TryGetValue(jobId, out var former);
            _snapshots[jobId] = new Snapshot(model);
            former?.Release();
        }
    }

    /// <summary>Lends the model of a job; <c>null</c> while it has none.</summary>
    public Lease? LeaseOrNull(string jobId)
    {
        lock (_gate)
            return _snapshots.TryGetValue(jobId, out var snapshot) ? new Lease(this, snapshot.Use()) : null;
    }

    /// <summary>Forgets the model of a job that has ended.</summary>
    public void Remove(string jobId)
    {
        lock (_gate)
        {
            if (_snapshots.Remove(jobId, out var former))
                former.Release();
        }
    }

    public void Dispose()
    {
        foreach (string jobId in _snapshots.Keys.ToList())
            Remove(jobId);
    }

    private void Return(Snapshot snapshot)
    {
        lock (_gate)
            snapshot.Release();
    }

    /// <summary>A model in use.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly JobSnapshots _owner;
        private Snapshot? _snapshot;

        internal Lease(JobSnapshots owner, Snapshot snapshot) => (_owner, _snapshot, Model) = (owner, snapshot, snapshot.Model);

        public HostedModel Model { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _snapshot, null) is { } snapshot)
                _owner.Return(snapshot);
        }
    }

    /// <summary>A model and those who use it, the owner being one of them; counted under the gate.</summary>
    internal sealed class Snapshot(HostedModel model)
    {
        private int _users = 1;

        public HostedModel Model => model;

        public Snapshot Use()
        {
            _users++;
            return this;
        }

        public void Release()
        {
            if (--_users == 0)
                model.Dispose();
        }
    }
}
