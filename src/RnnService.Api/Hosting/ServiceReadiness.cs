namespace RnnService.Api.Hosting;

/// <summary>Whether the service can do its work: start-up work is done and nobody has asked it to stop.</summary>
public sealed class ServiceReadiness(IHostApplicationLifetime lifetime)
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether requests are served now.</summary>
    public bool IsReady => _started.Task.IsCompletedSuccessfully && !IsDraining;

    /// <summary>Whether the service is finishing what it has begun and takes no more.</summary>
    public bool IsDraining => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Ends when start-up work is done; background services wait for it before they begin.</summary>
    public Task WaitUntilStartedAsync(CancellationToken cancellationToken) => _started.Task.WaitAsync(cancellationToken);

    internal void SetStarted() => _started.TrySetResult();
}
