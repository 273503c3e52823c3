using System.Diagnostics;
using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>
/// Trains networks: fresh weights, then epochs of deterministic batches (<see cref="TrainingRun"/>) to the best that the run finds.
/// The same plan, data and seed give the same bits on any number of threads.
/// </summary>
public sealed class Trainer
{
    private readonly int _threads;
    private readonly KernelSet _kernels;
    private readonly Action? _threadStarted;

    /// <summary>A trainer for one run at a time.</summary>
    /// <param name="threads">Threads to train with, the caller's included, 1 or more.</param>
    /// <param name="threadStarted">Called once on every thread that the trainer starts, for example to set its priority.</param>
    public Trainer(int threads, Action? threadStarted = null)
        : this(threads, KernelSet.Best, threadStarted)
    {
    }

    internal Trainer(int threads, KernelSet kernels, Action? threadStarted = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_threads, _kernels, _threadStarted) = (threads, kernels, threadStarted);
    }

    /// <summary>Trains a model to the end of its run.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="training">The examples to learn from; the plan's vocabulary and labels come from them.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <param name="report">Receives the progress a few times a second, and after each validation. Called on the caller's thread.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The best model, owned by the caller.</returns>
    /// <exception cref="ArgumentException">A number of the optimiser or the schedule is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">No validation gave a finite loss.</exception>
    public TrainingOutcome Train(TrainingPlan plan, TrainingData training, TrainingData validation, Action<TrainingProgress> report, CancellationToken cancellationToken) =>
        Train(plan, training, validation, new Reporting(report), from: null, cancellationToken) ?? throw new InvalidOperationException("The run was paused by nobody.");

    /// <summary>Trains a model under somebody's control.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="training">The examples to learn from; the plan's vocabulary and labels come from them.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <param name="control">Watches and steers the run. Called on the caller's thread.</param>
    /// <param name="from">Where an interrupted run stood, to go on from; <c>null</c>: from the beginning.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The best model, owned by the caller; <c>null</c> if <paramref name="control"/> paused the run.</returns>
    /// <exception cref="ArgumentException">A number of the optimiser or the schedule is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, or <paramref name="control"/> was in a hurry before its first update, in a range test.</exception>
    /// <exception cref="TrainingCheckpointException"><paramref name="from"/> is a checkpoint of another plan, of other data or of another seed.</exception>
    /// <exception cref="TrainingDivergedException">No validation gave a finite loss.</exception>
    public TrainingOutcome? Train(TrainingPlan plan, TrainingData training, TrainingData validation, TrainingControl control, TrainingCheckpoint? from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(control);
        var clock = Stopwatch.StartNew();
        var fingerprint = new Lazy<string>(() => TrainingFingerprint.Of(plan, training, validation));
        var beginning = new TrainingProgress
        {
            Epoch = from?.Epoch ?? 0,
            Epochs = plan.Training.Epochs,
            Step = from?.Step ?? 0,
            TotalSteps = 0,
            TokensPerSecond = 0,
            Elapsed = from?.Elapsed ?? TimeSpan.Zero,
            TrainingLoss = from?.State.TrainingLoss,
            ValidationLoss = from?.State.Curve.Points.LastOrDefault()?.ValidationLoss,
            BestValidationLoss = from is { State.BestEpoch: > 0 } ? from.State.BestLoss : null,
        };
        control.Report(beginning);
        ParameterSet parameters;
        TrainingOutcome? outcome;
        FoundLearningRate? found;
        using (var setup = new TrainingSetup(plan, training, validation, _threads, _kernels, _threadStarted))
        {
            int? stoppedAt = from is null ? null : from.State.RangeTestSteps ?? int.MaxValue;
            found = LearningRateSearch.OrNull(ref plan, setup, beginning, () => beginning.Elapsed + clock.Elapsed, stoppedAt, control, cancellationToken);
            using (var run = new TrainingRun(plan, setup, fingerprint, clock, control, cancellationToken) { RangeTest = found?.Progress })
            {
                run.State.RangeTestSteps = found is { Test.Stopped: true } ? found.Test.Curve.Count : null;
                if (from is not null)
                    run.GoOnFrom(from);
                outcome = run.ToEnd();
            }

            if (outcome is null)
                return null;
            parameters = setup.TakeParameters();
        }

        // Only now, when what the optimiser remembers and what the task packs are gone, does the model take memory of its own.
        return Finished(outcome with { RangeTest = found }, ModelOf(plan, parameters), plan, validation, cancellationToken);
    }

    private static SequenceModel ModelOf(TrainingPlan plan, ParameterSet parameters)
    {
        try
        {
            return TrainingSetup.ModelOf(plan, parameters);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>The outcome with its model, whose probabilities are calibrated if it is a classifier.</summary>
    private TrainingOutcome Finished(TrainingOutcome outcome, SequenceModel model, TrainingPlan plan, TrainingData validation, CancellationToken cancellationToken)
    {
        try
        {
            if (model is not SequenceClassifier classifier)
                return outcome with { Model = model };
            using var context = ComputeContext.Create(_threads, _kernels, _threadStarted);
            return outcome with { Model = model, Temperature = classifier.Calibrate(validation, plan.Training.SequenceLength, context, cancellationToken) };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reports and lets the run go on.</summary>
    private sealed class Reporting(Action<TrainingProgress> report) : TrainingControl
    {
        public override void Report(TrainingProgress progress) => report(progress);
    }
}
