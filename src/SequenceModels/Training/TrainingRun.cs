using System.Diagnostics;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Tensors;
using SequenceModels.Training.Advice;

namespace SequenceModels.Training;

/// <summary>
/// The loop of one run: epochs of updates, validations between them, the learning rate by its schedule, early stopping, the best weights kept. Between two rounds of it <see cref="State"/>, the parameters,
/// the optimiser's buffers, the best weights and what the task carries are all there is.
/// </summary>
internal sealed unsafe class TrainingRun : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);
    private readonly TrainingPlan? _plan;
    private readonly TrainingSettings _settings;
    private readonly ITrainingTask _task;
    private readonly Stopwatch _clock;
    private readonly TrainingControl _control;
    private readonly CancellationToken _cancellationToken;
    private readonly Optimizer _optimizer;
    private readonly UpdateStep _update;
    private readonly TeamSizeTuner _tuner;
    private readonly NativeBuffer _best;
    private readonly TrainingMoment _moment;
    private readonly Lazy<string> _fingerprint;
    private readonly long _totalSteps;
    private string? _ending;
    private long _givenUpAt = -1;
    private int _epochOfRates;
    private bool _betweenUpdates;
    private TimeSpan _lastReport;

    /// <param name="plan">The run.</param>
    /// <param name="setup">The network, its batches and threads.</param>
    /// <param name="fingerprint">What tells this run from others.</param>
    /// <param name="clock">Time since the run began, or went on.</param>
    /// <param name="control">Watches and steers.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <exception cref="ArgumentException">A number of the optimiser or the schedule is out of its range.</exception>
    public TrainingRun(TrainingPlan plan, TrainingSetup setup, Lazy<string> fingerprint, Stopwatch clock, TrainingControl control, CancellationToken cancellationToken)
        : this(plan.Training, setup.Task, setup.Context, fingerprint, clock, control, cancellationToken) => _plan = plan;

    /// <summary>A run of a task that is not one over text.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="task">The network and its batches.</param>
    /// <param name="context">Kernels and threads.</param>
    /// <param name="fingerprint">What tells this run from others.</param>
    /// <param name="clock">Time since the run began, or went on.</param>
    /// <param name="control">Watches and steers.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <exception cref="ArgumentException">A number of the optimiser or the schedule is out of its range.</exception>
    public TrainingRun(
        TrainingSettings settings, ITrainingTask task, ComputeContext context, Lazy<string> fingerprint, Stopwatch clock, TrainingControl control, CancellationToken cancellationToken)
    {
        (_settings, _task, _fingerprint, _clock, _control, _cancellationToken) = (settings, task, fingerprint, clock, control, cancellationToken);
        if (_settings.Schedule.Validate() is [var problem, ..])
            throw new ArgumentException($"The schedule's {problem.Name} {problem.Message}", nameof(settings));
        _optimizer = Optimizer.Create(_task.Parameters, _settings.Optimizer);
        _update = new UpdateStep(_task, _optimizer, _settings, context);
        _tuner = new TeamSizeTuner(context.Team);
        _best = new NativeBuffer(_task.Parameters.Values.Length);
        Memory.Copy(_task.Parameters.Values.Pointer, _best.Pointer, _best.Length); // the beginning is the best until a validation says otherwise
        _moment = new TrainingMoment(this);
        _totalSteps = (long)_settings.Epochs * UpdatesOf(_task.BatchesPerEpoch, _settings.GradientAccumulation);
        _task.BeginEpoch(0);
    }

    /// <summary>The numbers of the run.</summary>
    public RunState State { get; private set; } = new();

    /// <summary>What a range test found before the run; its reports tell it.</summary>
    public RangeTestProgress? RangeTest { get; init; }

    /// <summary>Updates done.</summary>
    public long Steps => _optimizer.Steps;

    /// <summary>Time that the run has taken, interruptions left out.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(State.Seconds) + _clock.Elapsed;

    private bool IsOutOfTime => Elapsed.TotalSeconds >= _settings.MaxSeconds;

    private bool EpochIsDone => State.Batches >= _task.BatchesPerEpoch;

    private bool ValidationIsDue => Steps != State.ValidatedStep && (_ending is not null || EpochIsDone || (Steps > 0 && Steps % _settings.ValidateEverySteps == 0));

    /// <summary>Updates that so many batches make.</summary>
    public static int UpdatesOf(int batches, int accumulation) => (batches + accumulation - 1) / accumulation;

    /// <summary>Goes on from where another run stood rather than from its beginning.</summary>
    /// <exception cref="TrainingCheckpointException">The checkpoint is that of a run of something else.</exception>
    public void GoOnFrom(TrainingCheckpoint checkpoint)
    {
        if (checkpoint.Fingerprint != _fingerprint.Value)
            throw new TrainingCheckpointException(CheckpointError.OtherRun, "The checkpoint is that of another plan, of other data or of another seed.");
        State = checkpoint.State;
        _optimizer.Resume(State.Counts);
        _update.Batches = State.TotalBatches;
        _task.BeginEpoch(State.Epoch - 1);
        _task.Skip(State.Batches);
        checkpoint.ReadInto(Tensors());
        Report(epochEnded: false);
        if (State.BestEpoch > 0)
            _control.WentOn(new ValidatedWeights(_plan, _best, State.Curve.Points, State.BestMetrics, isBest: true));
    }

    /// <summary>Writes what <see cref="GoOnFrom"/> reads.</summary>
    /// <exception cref="InvalidOperationException">The run is not between two updates.</exception>
    public void WriteCheckpoint(Stream destination)
    {
        if (!_betweenUpdates)
            throw new InvalidOperationException("A checkpoint is written between two updates, while the control decides.");
        TrainingCheckpoint.Write(State.At(_optimizer.Counts, Elapsed), _fingerprint.Value, Tensors(), destination);
    }

    /// <summary>Trains to the end; the parameters are the best then. <c>null</c>: the run was paused.</summary>
    /// <exception cref="TrainingDivergedException">No validation gave a finite loss.</exception>
    public TrainingOutcome? ToEnd()
    {
        while (true)
        {
            var decision = Ask();
            _cancellationToken.ThrowIfCancellationRequested();
            if (decision == TrainingDecision.Pause)
                return null;
            if (State.StopReason is not null)
                return Outcome();
            if (decision == TrainingDecision.Finish)
                _ending ??= "stopped";
            if (ValidationIsDue)
                Validate();
            else if (_ending is not null)
                State.StopReason = _ending;
            else
                Update();
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _best.Dispose();
    }

    private TrainingDecision Ask()
    {
        _betweenUpdates = true;
        try
        {
            return _control.Decide(_moment);
        }
        finally
        {
            _betweenUpdates = false;
        }
    }

    /// <summary>All tensors that are carried from update to update.</summary>
    private IEnumerable<CheckpointTensor> Tensors() =>
    [
        .. CheckpointTensor.Of("weights", _task.Parameters.Values, _task.Parameters),
        .. _optimizer.Buffers.SelectMany(buffer => CheckpointTensor.Of($"optimizer.{buffer.Name}", buffer.Values, _task.Parameters)),
        .. State.BestEpoch > 0 ? CheckpointTensor.Of("best", _best, _task.Parameters) : [],
        .. _task.Carried.Select(carried => CheckpointTensor.Of($"carried.{carried.Name}", carried.Values)),
    ];

    private void Update()
    {
        if (_epochOfRates != State.Epoch)
            (_epochOfRates, _optimizer.RateGroups) = (State.Epoch, LayerGroups.Rates(_task.Parameters, _settings, State.Epoch));
        int batches = Math.Min(_task.BatchesPerEpoch - State.Batches, _settings.GradientAccumulation);
        double rate = (State.Divergence is null ? 1 : LossWatch.RateAfter) * LearningRateSchedule.Rate(_settings.Schedule, _settings.LearningRate, new(Steps, _totalSteps, State.Epoch - 1, State.Plateau));
        _tuner.BeforeStep();
        var start = _clock.Elapsed;
        var result = _update.Run(batches, rate, _cancellationToken);
        _tuner.AfterStep(_clock.Elapsed - start, result.Tokens);
        State.Add(result, batches, rate);
        State.Losses = State.Losses.With(result.LossSum / result.Weight);
        if (State.Divergence is null && State.Losses.Diverges(_task.GuessLoss))
            GoBack(rate);
        if (IsOutOfTime)
            _ending ??= "maxSeconds";
        if (_clock.Elapsed - _lastReport >= ReportInterval)
            Report(epochEnded: false);
    }

    /// <summary>
    /// Goes back to the best state, or the beginning, and on from there at half the rate, the data going on where they were. What led away from it - moments, averages, carried states - begins anew.
    /// </summary>
    private void GoBack(double rate)
    {
        State.Divergence = new Divergence(State.Epoch, Steps, State.Losses.Mean, rate);
        Memory.Copy(_best.Pointer, _task.Parameters.Values.Pointer, _best.Length);
        foreach (var buffer in _optimizer.Buffers)
            Memory.Clear(buffer.Values.Pointer, buffer.Values.Length);
        _optimizer.Resume(new OptimizerCounts(Steps, MomentsStart: Steps));
        _task.BeginEpoch(State.Epoch - 1);
        _task.Skip(State.Batches);
        State.ForgetEpoch();
        _control.Diverged(State.Divergence);
    }

    /// <summary>Measures the weights that the optimiser would keep, its averages if it has any, and keeps them if they are the best.</summary>
    private void Validate()
    {
        _optimizer.ExchangeForEvaluation();
        try
        {
            if (EvaluateOrNull() is not { } metrics)
                return;
            Keep(metrics);
        }
        finally
        {
            _optimizer.ExchangeForEvaluation();
        }

        if (State.Trigger.Add(State.Curve.Points[^1].ValidationLoss, _settings.Optimizer.AveragingPatience))
            _optimizer.StartAveraging();
        if (IsOutOfTime)
            _ending ??= "maxSeconds";
        State.StopReason = _ending ?? (!EpochIsDone ? null : State.Epoch - State.BestEpoch >= _settings.EarlyStoppingPatience ? "earlyStopping" : State.Epoch == _settings.Epochs ? "epochs" : null);
        Report(EpochIsDone || State.StopReason is not null);
        if (EpochIsDone && State.StopReason is null)
        {
            State.BeginNextEpoch();
            _task.BeginEpoch(State.Epoch - 1);
        }
    }

    /// <summary>The metrics of the parameters as they stand; <c>null</c>: the control is in a hurry, and the validation was given up.</summary>
    private IReadOnlyDictionary<string, double>? EvaluateOrNull()
    {
        // One that was given up at this step already has had its moment.
        var hurry = _givenUpAt == Steps ? CancellationToken.None : _control.Hurry;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken, hurry);
        try
        {
            return _task.Evaluate(either.Token);
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested)
        {
            _givenUpAt = Steps;
            return null;
        }
    }

    private void Keep(IReadOnlyDictionary<string, double> metrics)
    {
        double loss = metrics["validationLoss"];
        double? accuracy = metrics.TryGetValue("accuracy", out double share) ? share : null;
        bool best = loss < State.BestLoss;
        if (best)
        {
            (State.BestLoss, State.BestEpoch, State.BestMetrics) = (loss, State.Epoch, metrics);
            Memory.Copy(_task.Parameters.Values.Pointer, _best.Pointer, _best.Length);
        }

        var point = new EpochMetrics(
            State.Epoch, State.TrainingLoss ?? double.NaN, loss, accuracy, State.Rate, State.NormSum / State.Updates, Elapsed.TotalSeconds, Steps, EpochIsDone);
        State.Curve.Add(point, best);
        State.Plateau = State.Plateau.With(_settings.Schedule, loss);
        State.ValidatedStep = Steps;
        _control.Validated(new ValidatedWeights(_plan, _task.Parameters.Values, State.Curve.Points, metrics, best));
    }

    private TrainingOutcome Outcome()
    {
        if (State.BestEpoch == 0)
            throw new TrainingDivergedException(_settings.LearningRate);
        Memory.Copy(_best.Pointer, _task.Parameters.Values.Pointer, _best.Length);
        return new TrainingOutcome
        {
            Model = null!, // set by the caller, once the task has let go of the parameters
            Curve = State.Curve.Points,
            Validations = State.Curve.Validations,
            Metrics = State.BestMetrics,
            BestEpoch = State.BestEpoch,
            StopReason = State.StopReason!,
            Divergence = State.Divergence,
            ElapsedSeconds = Elapsed.TotalSeconds,
            Tokens = State.Tokens,
        };
    }

    private void Report(bool epochEnded)
    {
        _lastReport = _clock.Elapsed;
        double seconds = Elapsed.TotalSeconds;
        _control.Report(new TrainingProgress
        {
            Epoch = State.Epoch,
            Epochs = _settings.Epochs,
            Step = Steps,
            TotalSteps = _totalSteps,
            TokensPerSecond = State.Tokens / seconds,
            Elapsed = Elapsed,
            TrainingLoss = State.TrainingLoss,
            ValidationLoss = State.Curve.Points is [.., var newest] ? newest.ValidationLoss : null,
            BestValidationLoss = double.IsFinite(State.BestLoss) ? State.BestLoss : null,
            RangeTest = RangeTest,
            EpochEnded = epochEnded,
        });
    }
}
