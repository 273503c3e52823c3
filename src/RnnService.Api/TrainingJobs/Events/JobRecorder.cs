using System.Threading.Channels;
using SequenceModels.Data;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>
/// Writes down what happens to a job while it is trained. The training thread only hands over; what comes within one write goes to the database together. A run that goes on after an interruption does
/// again what its last checkpoint did not have: what was told of those steps is not told twice.
/// </summary>
internal sealed class JobRecorder(string jobId, JobEventStore events, RecordedRun told, EventPace pace, TrainingData validation, long seed, TimeProvider time)
{
    private readonly Channel<JobEventRow> _written = Channel.CreateUnbounded<JobEventRow>(new UnboundedChannelOptions { SingleReader = true });
    private Task _writing = Task.CompletedTask;
    private ProgressResponse _progress = new();

    /// <summary>Begins to write.</summary>
    public void Start() => _writing = WriteAsync();

    /// <summary>Receives the progress, on the training thread.</summary>
    public void Report(ProgressResponse progress)
    {
        _progress = progress;
        if (progress.Step <= told.MetricsStep || !pace.TellsProgress(progress.Step, progress.TotalSteps))
            return;
        Tell(RunEvents.Progress(jobId, time.GetUtcNow(), progress));
        pace.Told(progress.Step);
    }

    /// <summary>Receives a validation, on the training thread.</summary>
    public void Validated(ValidatedWeights validated, CancellationToken cancellationToken)
    {
        var (metrics, sample) = pace.CountValidation();
        var point = validated.Point;
        if (metrics && point.Step > told.ValidatedStep)
        {
            Tell(RunEvents.Validation(jobId, time.GetUtcNow(), validated, _progress));
            pace.Told(point.Step);
        }

        if (!sample || point.Step <= told.SampleStep)
            return;
        using var model = validated.CopyModel();
        if (ValidationSamples.OfOrNull(model, point.Epoch, point.Step, validation, seed, cancellationToken) is { } drawn)
            Tell(RunEvents.Sample(jobId, time.GetUtcNow(), drawn.Message, drawn.Data));
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
                await events.AppendAsync(jobId, together, CancellationToken.None);
                together.Clear();
            }
        }
        finally
        {
            _written.Writer.TryComplete();
        }
    }
}
