using System.Threading.Channels;
using RnnService.Api.Models;
using RnnService.Api.Storage;
using SequenceModels.Tasks;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>
/// Writes down what happens to a job while it is trained. The training thread only hands over; what comes within one write goes to the database together. A run that goes on after an interruption does
/// again what its last checkpoint did not have: what was told of those steps is not told twice.
/// </summary>
internal sealed class JobRecorder
{
    /// <summary>How often the last events are written again when the run has ended, before it is a failure.</summary>
    private const int LastTries = 5;

    /// <summary>How long a database that failed is left alone.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly TrainingJobRow _job;
    private readonly JobPlan _plan;
    private readonly JobData _data;
    private readonly JobEventStore _events;
    private readonly JobSnapshots _snapshots;
    private readonly RecordedRun _told;
    private readonly EventPace _pace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<JobEventRow> _written = Channel.CreateUnbounded<JobEventRow>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;
    private volatile bool _ended;
    private ProgressResponse _progress = new();
    private TrainingDoctor? _doctor;
    private IReadOnlyList<double>? _labelShares;

    /// <param name="job">The job.</param>
    /// <param name="plan">What it does.</param>
    /// <param name="data">What it learns from and is measured on.</param>
    /// <param name="events">Where its events are kept.</param>
    /// <param name="snapshots">Where its best model so far is kept.</param>
    /// <param name="told">What earlier runs of it have told.</param>
    /// <param name="pace">How much is told.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of writes that failed.</param>
    public JobRecorder(
        TrainingJobRow job, JobPlan plan, JobData data, JobEventStore events, JobSnapshots snapshots, RecordedRun told, EventPace pace, TimeProvider time, ILogger logger)
    {
        (_job, _plan, _data, _events, _snapshots, _told, _pace, _time, _logger) = (job, plan, data, events, snapshots, told, pace, time, logger);
        _writing = WriteAsync();
    }

    /// <summary>Begins, on the training thread: looks at the data.</summary>
    public void Begin(TrainingPlan runnable)
    {
        _labelShares = runnable.LabelShares;
        _doctor = new TrainingDoctor(RunFacts.Of(runnable, _data.Training, _data.Validation), _told.Advice);
        Advise(_doctor.ExamineData());
    }

    /// <summary>Receives the progress, on the training thread.</summary>
    public void Report(ProgressResponse progress)
    {
        bool found = progress.RangeTest is { Found: not null } && _progress.RangeTest?.Found is null;
        _progress = progress;
        if (found && _told.MetricsStep < 0)
            Tell(RunEvents.RangeTest(_job.Id, _time.GetUtcNow(), progress, progress.RangeTest!));
        if (progress.Step <= _told.MetricsStep || !_pace.TellsProgress(progress.Step, progress.TotalSteps))
            return;
        Tell(RunEvents.Progress(_job.Id, _time.GetUtcNow(), progress));
        _pace.Told(progress.Step);
    }

    /// <summary>Receives a validation, on the training thread.</summary>
    public void Validated(ValidatedWeights validated, CancellationToken cancellationToken)
    {
        var (metrics, sample) = _pace.CountValidation();
        var point = validated.Point;
        if (metrics && point.Step > _told.ValidatedStep)
        {
            Tell(RunEvents.Validation(_job.Id, _time.GetUtcNow(), validated, _progress));
            _pace.Told(point.Step);
        }

        sample &= point.Step > _told.SampleStep;
        if (validated.IsBest || sample)
            Look(validated, sample, cancellationToken);
        else
            Advise(_doctor?.Examine(validated.Curve, null, ended: false));
    }

    /// <summary>Receives the best weights so far of a run that goes on from a checkpoint, on the training thread.</summary>
    public void WentOn(ValidatedWeights best) => Keep(best.CopyModel());

    /// <summary>Learns that the run diverged, on the training thread.</summary>
    public void Diverged(Divergence divergence) => Advise(_doctor?.Examine(divergence));

    /// <summary>Learns that the run has ended, on the training thread.</summary>
    public void Ended(TrainingOutcome outcome) => Advise(_doctor?.Examine(outcome.Curve, null, ended: true));

    /// <summary>Waits until all is written; to be called when the run has ended, however it did.</summary>
    public Task FinishAsync()
    {
        _ended = true;
        _written.Writer.TryComplete();
        return _writing;
    }

    /// <summary>Looks at a copy of the weights: what it makes of its task, how its units are; and keeps it for requests if it is the best.</summary>
    private void Look(ValidatedWeights validated, bool sample, CancellationToken cancellationToken)
    {
        var (point, model) = (validated.Point, validated.CopyModel());
        bool kept = false;
        try
        {
            UnitActivity? units = null;
            if (sample)
            {
                units = UnitActivity.Of(model, _data.Validation, _plan.Training.SequenceLength, cancellationToken);
                if (ValidationSamples.OfOrNull(model, point.Epoch, point.Step, _data.Validation, _plan.Training.Seed, cancellationToken) is { } drawn)
                    Tell(RunEvents.Sample(_job.Id, _time.GetUtcNow(), drawn.Message, drawn.Data));
            }

            Advise(_doctor?.Examine(validated.Curve, units, ended: false));
            if (!validated.IsBest)
                return;
            Keep(model);
            kept = true;
        }
        finally
        {
            if (!kept)
                model.Dispose();
        }
    }

    private void Keep(SequenceModel model) =>
        _snapshots.Keep(_job.Id, new HostedModel(new ModelKey(_job.Model, 0), model, _plan.Training.SequenceLength, _time.GetUtcNow(), _labelShares));

    private void Advise(IReadOnlyList<TrainingAdvice>? advice)
    {
        foreach (var one in advice ?? [])
            Tell(RunEvents.Advice(_job.Id, _time.GetUtcNow(), one));
    }

    // After a failure of another kind than the database's nothing is taken any more: it comes out of FinishAsync.
    private void Tell(JobEventRow happened) => _written.Writer.TryWrite(happened);

    private async Task WriteAsync()
    {
        try
        {
            var together = new List<JobEventRow>();
            int lastTries = 0;
            while (together.Count > 0 || await _written.Reader.WaitToReadAsync())
            {
                while (_written.Reader.TryRead(out var happened))
                    together.Add(happened);
                if (await TryAppendAsync(together, isLast: _ended && ++lastTries >= LastTries))
                    together.Clear();
                else
                    await Task.Delay(s_pause, _time);
            }
        }
        finally
        {
            _written.Writer.TryComplete();
        }
    }

    /// <summary>Writes events; false when the database did not take them, which is a failure only the last time.</summary>
    private async Task<bool> TryAppendAsync(List<JobEventRow> together, bool isLast)
    {
        try
        {
            await _events.AppendAsync(_job.Id, together, CancellationToken.None);
            return true;
        }
        catch (Exception fault) when (StorageFaults.IsOfDatabase(fault) && !isLast)
        {
            _logger.LogWarning(fault, "{Count} events of job {JobId} could not be written; they are kept and written again", together.Count, _job.Id);
            return false;
        }
    }
}
