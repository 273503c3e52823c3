using RnnService.Api.Models;

namespace RnnService.Api.TrainingJobs;

/// <summary>Versions that requests for jobs are reading, from their reference on until the job is written down.</summary>
public sealed class VersionHolds
{
    private readonly Lock _gate = new();
    private readonly List<ModelKey> _held = [];

    /// <summary>Keeps a version from being deleted until the result is disposed.</summary>
    public IDisposable Hold(ModelKey key)
    {
        lock (_gate)
            _held.Add(key);
        return new Held(this, key);
    }

    /// <summary>Whether a version is held.</summary>
    public bool Holds(ModelKey key)
    {
        lock (_gate)
            return _held.Contains(key);
    }

    private sealed class Held(VersionHolds owner, ModelKey key) : IDisposable
    {
        private bool _released;

        public void Dispose()
        {
            lock (owner._gate)
            {
                if (!_released)
                    owner._held.Remove(key);
                _released = true;
            }
        }
    }
}
