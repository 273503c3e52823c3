namespace RnnService.Api.TrainingJobs;

/// <summary>A job while it runs: its latest progress, and who wins when cancelling meets publishing.</summary>
public sealed class RunningJob(string id) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Lock _gate = new();
    private bool _publishing;
    private volatile ProgressResponse? _progress;

    public string Id => id;

    /// <summary>Ends the training when the job is cancelled.</summary>
    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>The latest progress; <c>null</c> before the first report.</summary>
    public ProgressResponse? Progress
    {
        get => _progress;
        set => _progress = value;
    }

    /// <summary>Begins to publish, after which the job cannot be cancelled; false when it has been.</summary>
    public bool TryBeginPublishing()
    {
        lock (_gate)
        {
            _publishing = !_cancellation.IsCancellationRequested;
            return _publishing;
        }
    }

    /// <summary>Cancels the job; false when it is being published already.</summary>
    public bool TryCancel()
    {
        lock (_gate)
        {
            if (_publishing)
                return false;
            _cancellation.Cancel();
            return true;
        }
    }

    public void Dispose() => _cancellation.Dispose();
}
