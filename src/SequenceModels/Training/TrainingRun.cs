using System.Diagnostics;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>The loop of one run: epochs of updates, validation after each, the learning rate by its schedule, early stopping, the best weights kept.</summary>
internal sealed unsafe class TrainingRun : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);
    private readonly TrainingSettings _settings;
    private readonly ITrainingTask _task;
    private readonly Stopwatch _clock;
    private readonly Action<TrainingProgress> _report;
    private readonly CancellationToken _cancellationToken;
    private readonly Optimizer _optimizer;
    private readonly UpdateStep _update;
    private readonly TeamSizeTuner _tuner;
    private readonly NativeBuffer _best;
    private readonly List<EpochMetrics> _curve = [];
    private readonly List<double> _validationLosses = [];
    private readonly long _totalSteps;
    private IReadOnlyDictionary<string, double> _bestMetrics = new Dictionary<string, double>();
    private double _bestLoss = double.PositiveInfinity;
    private int _bestEpoch;
    private long _tokens;
    private bool _outOfTime;
    private TimeSpan _lastReport;

    /// <param name="settings">The run.</param>
    /// <param name="task">The network and its batches.</param>
    /// <param name="context">Kernels and team.</param>
    /// <param name="clock">Time since the run began.</param>
    /// <param name="report">Receives the progress.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <exception cref="ArgumentException">A number of the optimiser or the schedule is out of its range.</exception>
    public TrainingRun(TrainingSettings settings, ITrainingTask task, ComputeContext context, Stopwatch clock, Action<TrainingProgress> report, CancellationToken cancellationToken)
    {
        if (settings.Schedule.Validate() is [var problem, ..])
            throw new ArgumentException($"The schedule's {problem.Name} {problem.Message}", nameof(settings));
        (_settings, _task, _clock, _report, _cancellationToken) = (settings, task, clock, report, cancellationToken);
        _optimizer = Optimizer.Create(task.Parameters, settings.Optimizer);
        _update = new UpdateStep(task, _optimizer, settings, context);
        _tuner = new TeamSizeTuner(context.Team);
        _best = new NativeBuffer(task.Parameters.Values.Length);
        _totalSteps = (long)settings.Epochs * UpdatesOf(task.BatchesPerEpoch, settings.GradientAccumulation);
    }

    /// <summary>Updates that so many batches make.</summary>
    public static int UpdatesOf(int batches, int accumulation) => (batches + accumulation - 1) / accumulation;

    /// <summary>Trains to the end; the parameters are those of the best epoch.</summary>
    /// <exception cref="TrainingDivergedException">No epoch gave a finite validation loss.</exception>
    public TrainingOutcome ToEnd()
    {
        string? stopReason = null;
        for (int epoch = 1; epoch <= _settings.Epochs && stopReason is null; epoch++)
        {
            var point = Learn(epoch);
            var metrics = Validate(epoch);
            _curve.Add(point with
            {
                ValidationLoss = _validationLosses[^1],
                ValidationAccuracy = metrics.TryGetValue("accuracy", out double accuracy) ? accuracy : null,
                ElapsedSeconds = _clock.Elapsed.TotalSeconds,
            });
            Report(epoch, point.TrainingLoss, ended: true);
            if (_outOfTime || IsOutOfTime)
                stopReason = "maxSeconds";
            else if (epoch - _bestEpoch >= _settings.EarlyStoppingPatience)
                stopReason = "earlyStopping";
        }

        if (_bestEpoch == 0)
            throw new TrainingDivergedException(_settings.LearningRate);
        Memory.Copy(_best.Pointer, _task.Parameters.Values.Pointer, _best.Length);
        return new TrainingOutcome
        {
            Model = null!, // set by the caller, once the task has let go of the parameters
            Curve = _curve,
            Metrics = _bestMetrics,
            BestEpoch = _bestEpoch,
            StopReason = stopReason ?? "epochs",
            ElapsedSeconds = _clock.Elapsed.TotalSeconds,
            Tokens = _tokens,
        };
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _best.Dispose();
    }

    private bool IsOutOfTime => _clock.Elapsed.TotalSeconds >= _settings.MaxSeconds;

    /// <summary>The updates of an epoch.</summary>
    private EpochMetrics Learn(int epoch)
    {
        double lossSum = 0, weight = 0, normSum = 0, rate = 0;
        int updates = 0;
        _task.BeginEpoch(epoch - 1);
        for (int left = _task.BatchesPerEpoch; left > 0 && !_outOfTime; left -= _settings.GradientAccumulation)
        {
            rate = LearningRateSchedule.Rate(_settings.Schedule, _settings.LearningRate, new(_optimizer.Steps, _totalSteps, epoch - 1, _validationLosses));
            _tuner.BeforeStep();
            var start = _clock.Elapsed;
            var result = _update.Run(Math.Min(left, _settings.GradientAccumulation), rate, _cancellationToken);
            _tuner.AfterStep(_clock.Elapsed - start, result.Tokens);
            lossSum += result.LossSum;
            weight += result.Weight;
            normSum += result.GradientNorm;
            _tokens += result.Tokens;
            updates++;
            _outOfTime = IsOutOfTime;
            if (_clock.Elapsed - _lastReport >= ReportInterval)
                Report(epoch, lossSum / weight, ended: false);
        }

        return new EpochMetrics(epoch, lossSum / weight, double.NaN, null, rate, normSum / updates, 0);
    }

    /// <summary>Measures the weights that the optimiser would keep, its averages if it has any, and keeps them if they are the best.</summary>
    private IReadOnlyDictionary<string, double> Validate(int epoch)
    {
        _optimizer.ExchangeForEvaluation();
        var metrics = _task.Evaluate(_cancellationToken);
        double loss = metrics["validationLoss"];
        if (loss < _bestLoss)
        {
            (_bestLoss, _bestEpoch, _bestMetrics) = (loss, epoch, metrics);
            Memory.Copy(_task.Parameters.Values.Pointer, _best.Pointer, _best.Length);
        }

        _optimizer.ExchangeForEvaluation();
        _validationLosses.Add(loss);
        _optimizer.Validated(_validationLosses);
        return metrics;
    }

    private void Report(int epoch, double trainingLoss, bool ended)
    {
        _lastReport = _clock.Elapsed;
        _report(new TrainingProgress
        {
            Epoch = epoch,
            Epochs = _settings.Epochs,
            Step = _optimizer.Steps,
            TotalSteps = _totalSteps,
            TokensPerSecond = _tokens / _clock.Elapsed.TotalSeconds,
            Elapsed = _clock.Elapsed,
            TrainingLoss = trainingLoss,
            ValidationLoss = _validationLosses.Count > 0 ? _validationLosses[^1] : null,
            BestValidationLoss = double.IsFinite(_bestLoss) ? _bestLoss : null,
            EpochEnded = ended,
        });
    }
}
