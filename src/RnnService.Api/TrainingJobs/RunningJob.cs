namespace RnnService.Api.TrainingJobs;

/// <summary>Why a run leaves the machine without having ended.</summary>
public enum InterruptionKind
{
    /// <summary>The service stops; the job goes on at its next start.</summary>
    Stop,

    /// <summary>Somebody asked for it; the job waits until somebody resumes it.</summary>
    Pause,

    /// <summary>The disk is full; the job goes on when it is not.</summary>
    Space,
}

/// <summary>Why a run leaves the machine without having ended, and in words for those who look at the job.</summary>
public sealed record JobInterruption(InterruptionKind Kind, string Reason);

/// <summary>A job while it runs: its latest progress, and who wins when cancelling or interrupting meets publishing.</summary>
public sealed class RunningJob(string id) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationTokenSource _interruption = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _publishing;
    private bool _over;
    private volatile ProgressResponse? _progress;
    private volatile JobInterruption? _why;

    public string Id => id;

    /// <summary>Ends the training when the job is cancelled.</summary>
    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>Cancelled when the run is to leave the machine at its next moment, with a checkpoint.</summary>
    public CancellationToken Interrupted => _interruption.Token;

    /// <summary>Why it is to; <c>null</c>: it is not.</summary>
    public JobInterruption? Interruption => _why;

    /// <summary>Whether the training is over and its version is being written.</summary>
    public bool IsPublishing
    {
        get
        {
            lock (_gate)
                return _publishing;
        }
    }

    /// <summary>Done when the job runs no more and its row says what became of it.</summary>
    public Task Left => _left.Task;

    /// <summary>The latest progress; <c>null</c> before the first report.</summary>
    public ProgressResponse? Progress
    {
        get => _progress;
        set => _progress = value;
    }

    /// <summary>Begins to publish, after which the job can be neither cancelled nor interrupted; false when it has been.</summary>
    public bool TryBeginPublishing()
    {
        lock (_gate)
        {
            _publishing = !_cancellation.IsCancellationRequested && _why is null;
            return _publishing;
        }
    }

    /// <summary>Cancels the job; false when it is being published already, or has ended.</summary>
    public bool TryCancel()
    {
        lock (_gate)
        {
            if (_publishing || _over)
                return false;
            _cancellation.Cancel();
            return true;
        }
    }

    /// <summary>Makes the run leave; the first reason counts, or that somebody asked for it. False when it is being published already, or has ended.</summary>
    public bool TryInterrupt(JobInterruption why)
    {
        lock (_gate)
        {
            if (_publishing || _over)
                return false;
            if (_why is null || why.Kind == InterruptionKind.Pause)
                _why = why;
            _interruption.Cancel();
            return true;
        }
    }

    /// <summary>Tells those who wait that the job runs no more.</summary>
    public void Leave() => _left.TrySetResult();

    public void Dispose()
    {
        lock (_gate)
            _over = true;
        Leave();
        _cancellation.Dispose();
        _interruption.Dispose();
    }
}
