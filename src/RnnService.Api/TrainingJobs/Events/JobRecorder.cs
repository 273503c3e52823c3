using System.Threading.Channels;
using SequenceModels.Data;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>
/// Writes down what happens to a job while it is trained. The training thread only hands over; what comes within one write goes to the database together. A run that goes on after an interruption does
/// again what its last checkpoint did not have: what was told of those steps is not told twice.
/// </summary>
internal sealed class JobRecorder
{
    private readonly string _jobId;
    private readonly JobEventStore _events;
    private readonly RecordedRun _told;
    private readonly EventPace _pace;
    private readonly TrainingData _validation;
    private readonly long _seed;
    private readonly TimeProvider _time;
    private readonly Channel<JobEventRow> _written = Channel.CreateUnbounded<JobEventRow>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;
    private ProgressResponse _progress = new();

    /// <param name="jobId">The job.</param>
    /// <param name="events">Where its events are kept.</param>
    /// <param name="told">What earlier runs of it have told.</param>
    /// <param name="pace">How much is told.</param>
    /// <param name="validation">What is measured on.</param>
    /// <param name="seed">The seed of samples.</param>
    /// <param name="time">The clock.</param>
    public JobRecorder(string jobId, JobEventStore events, RecordedRun told, EventPace pace, TrainingData validation, long seed, TimeProvider time)
    {
        (_jobId, _events, _told, _pace, _validation, _seed, _time) = (jobId, events, told, pace, validation, seed, time);
        _writing = WriteAsync();
    }

    /// <summary>Receives the progress, on the training thread.</summary>
    public void Report(ProgressResponse progress)
    {
        _progress = progress;
        if (progress.Step <= _told.MetricsStep || !_pace.TellsProgress(progress.Step, progress.TotalSteps))
            return;
        Tell(RunEvents.Progress(_jobId, _time.GetUtcNow(), progress));
        _pace.Told(progress.Step);
    }

    /// <summary>Receives a validation, on the training thread.</summary>
    public void Validated(ValidatedWeights validated, CancellationToken cancellationToken)
    {
        var (metrics, sample) = _pace.CountValidation();
        var point = validated.Point;
        if (metrics && point.Step > _told.ValidatedStep)
        {
            Tell(RunEvents.Validation(_jobId, _time.GetUtcNow(), validated, _progress));
            _pace.Told(point.Step);
        }

        if (!sample || point.Step <= _told.SampleStep)
            return;
        using var model = validated.CopyModel();
        if (ValidationSamples.OfOrNull(model, point.Epoch, point.Step, _validation, _seed, cancellationToken) is { } drawn)
            Tell(RunEvents.Sample(_jobId, _time.GetUtcNow(), drawn.Message, drawn.Data));
    }

    /// <summary>Waits until all is written; to be called when the run has ended, however it did.</summary>
    public Task FinishAsync()
    {
        _written.Writer.TryComplete();
        return _writing;
    }

    // After a write that failed nothing is taken any more: the failure comes out of FinishAsync.
    private void Tell(JobEventRow happened) => _written.Writer.TryWrite(happened);

    private async Task WriteAsync()
    {
        try
        {
            var together = new List<JobEventRow>();
            while (await _written.Reader.WaitToReadAsync())
            {
                while (_written.Reader.TryRead(out var happened))
                    together.Add(happened);
                await _events.AppendAsync(_jobId, together, CancellationToken.None);
                together.Clear();
            }
        }
        finally
        {
            _written.Writer.TryComplete();
        }
    }
}
