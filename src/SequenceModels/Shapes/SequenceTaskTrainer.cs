using System.Diagnostics;
using System.Globalization;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>Trains networks of the five shapes by the same loop as those of text. The same task, settings, examples and seed give the same bits on any number of threads.</summary>
public sealed class SequenceTaskTrainer
{
    private const double EmbeddingDeviation = 1;
    private readonly int _threads;
    private readonly KernelSet _kernels;
    private readonly Action? _threadStarted;

    /// <summary>A trainer for one run at a time.</summary>
    /// <param name="threads">Threads to train with, the caller's included, 1 or more.</param>
    /// <param name="threadStarted">Called once on every thread that the trainer starts, for example to set its priority.</param>
    public SequenceTaskTrainer(int threads, Action? threadStarted = null)
        : this(threads, KernelSet.Best, threadStarted)
    {
    }

    internal SequenceTaskTrainer(int threads, KernelSet kernels, Action? threadStarted = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_threads, _kernels, _threadStarted) = (threads, kernels, threadStarted);
    }

    /// <summary>Trains a model to the end of its run, on one thread and watched by nobody.</summary>
    /// <param name="task">What is to be learned.</param>
    /// <param name="settings">
    /// The run (docs/training.md). Sequences are read whole: the sequence length does not apply. Weights of classes go by their tokens' numbers, such as <c>"3"</c>, and like label smoothing with tokens alone.
    /// </param>
    /// <param name="training">The examples to learn from; means and deviations are theirs.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <returns>The best model, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The task's parts, an example or the settings do not fit; the message tells which and why.</exception>
    /// <exception cref="TrainingDivergedException">No validation gave a finite loss.</exception>
    public static SequenceTaskOutcome Train(SequenceTask task, TrainingSettings settings, IReadOnlyList<SequenceExample> training, IReadOnlyList<SequenceExample> validation) =>
        new SequenceTaskTrainer(1).Train(task, settings, training, validation, new TrainingControl(), from: null, CancellationToken.None)!;

    /// <summary>Trains a model under somebody's control.</summary>
    /// <param name="task">What is to be learned.</param>
    /// <param name="settings">The run, as above.</param>
    /// <param name="training">The examples to learn from; means and deviations are theirs.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <param name="control">Watches and steers the run. Called on the caller's thread.</param>
    /// <param name="from">Where an interrupted run stood, to go on from; <c>null</c>: from the beginning.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The best model, owned by the caller; <c>null</c> if <paramref name="control"/> paused the run.</returns>
    /// <exception cref="ArgumentException">The task's parts, an example or the settings do not fit; the message tells which and why.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="TrainingCheckpointException"><paramref name="from"/> is a checkpoint of another task, of other settings or of other examples.</exception>
    /// <exception cref="TrainingDivergedException">No validation gave a finite loss.</exception>
    public SequenceTaskOutcome? Train(
        SequenceTask task, TrainingSettings settings, IReadOnlyList<SequenceExample> training, IReadOnlyList<SequenceExample> validation, TrainingControl control, TrainingCheckpoint? from,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(control);
        Check(task, settings, training, validation);
        var clock = Stopwatch.StartNew();
        var scaling = SequenceScaling.Of(task, training);
        var parameters = TaskWeights.CreateParameters(task);
        try
        {
            Initialization.Network(parameters, task.Architecture.Cell, task.Architecture.HiddenSize, EmbeddingDeviation, settings.Seed);
            var outcome = Run(task, scaling, settings, parameters, training, validation, clock, control, from, cancellationToken);
            if (outcome is not null)
                return new SequenceTaskOutcome(new SequenceTaskModel(task, scaling, parameters), outcome);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }

        parameters.Dispose();
        return null;
    }

    /// <summary>Peak memory of a run in bytes, estimated before anything is allocated; the examples left out.</summary>
    /// <param name="task">What is to be learned.</param>
    /// <param name="settings">The run.</param>
    /// <param name="longestInput">Steps of the longest input.</param>
    /// <param name="longestTarget">Steps of the longest target.</param>
    /// <param name="threads">Threads to train with.</param>
    public static long EstimateBytes(SequenceTask task, TrainingSettings settings, int longestInput, int longestTarget, int threads) =>
        new SequenceTaskMemory(task).OfRun(settings, longestInput, longestTarget, threads);

    private TrainingOutcome? Run(
        SequenceTask task, SequenceScaling scaling, TrainingSettings settings, ParameterSet parameters, IReadOnlyList<SequenceExample> training, IReadOnlyList<SequenceExample> validation, Stopwatch clock,
        TrainingControl control, TrainingCheckpoint? from, CancellationToken cancellationToken)
    {
        using var context = ComputeContext.Create(_threads, _kernels, _threadStarted);
        using var learning = new SequenceTrainingTask(task, scaling, settings, parameters, training, validation, context);
        var fingerprint = new Lazy<string>(() => SequenceFingerprint.Of(task, scaling, settings, training, validation));
        using var run = new TrainingRun(settings, learning, context, fingerprint, clock, control, cancellationToken);
        if (from is not null)
            run.GoOnFrom(from);
        return run.ToEnd();
    }

    private static void Check(SequenceTask task, TrainingSettings settings, IReadOnlyList<SequenceExample> training, IReadOnlyList<SequenceExample> validation)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(validation);
        if (task.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(task));
        RequestRanges.Check(settings);
        bool classes = settings.ClassWeights is not null || settings.LabelSmoothing > 0;
        if (classes && task.ChosenLoss != TaskLoss.CrossEntropy)
            throw new ArgumentException($"Weights of classes and label smoothing go with cross-entropy, not with {task.ChosenLoss}.", nameof(settings));
        if (settings.RangeTest is not null || settings.GradualUnfreezing is not null || settings.LayerRateDecay is not null)
            throw new ArgumentException("A range test, gradual unfreezing and rates by layer are for models of text.", nameof(settings));
        foreach (string token in settings.ClassWeights?.Keys ?? [])
        {
            // Written in one way only: "03" would be a weight that nobody finds.
            if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number >= task.Output.Size || number.ToString(CultureInfo.InvariantCulture) != token)
                throw new ArgumentException($"There is a weight for '{token}', which is not a token of the output.", nameof(settings));
        }

        ExampleRules.Check(task, training);
        ExampleRules.Check(task, validation);
    }
}
