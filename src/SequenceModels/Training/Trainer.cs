using System.Diagnostics;
using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>
/// The training loop: epochs of deterministic batches, clipping by global norm, Adam, validation after each epoch, early stopping, best weights kept.
/// The same plan, data and seed give the same bits on any number of threads.
/// </summary>
public sealed unsafe class Trainer
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);
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

    /// <summary>Trains a model.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="training">The examples to learn from; the plan's vocabulary and labels come from them.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <param name="report">Receives the progress a few times a second, and at the end of each epoch. Called on the caller's thread.</param>
    /// <param name="cancellationToken">Ends the run within one step.</param>
    /// <returns>The model of the best epoch, owned by the caller.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">No epoch gave a finite validation loss.</exception>
    public TrainingOutcome Train(TrainingPlan plan, TrainingData training, TrainingData validation, Action<TrainingProgress> report, CancellationToken cancellationToken)
    {
        var settings = plan.Training;
        var clock = Stopwatch.StartNew();
        using var context = ComputeContext.Create(_threads, _kernels, _threadStarted);
        var parameters = NetworkLayout.Create(plan.Task, plan.Architecture, plan.Tokenizer.Vocabulary.Count, plan.Labels.Count);
        try
        {
            report(new TrainingProgress { Epoch = 0, Epochs = settings.Epochs, Step = 0, TotalSteps = 0, TokensPerSecond = 0, Elapsed = clock.Elapsed });
            Initialization.Network(parameters, plan.Architecture.Cell, plan.Architecture.HiddenSize, EmbeddingDeviation(plan), settings.Seed);
            ReleaseGarbage();
            using ITrainingTask task = plan.Task == TaskKind.LanguageModel
                ? new LanguageModelTask(plan, parameters, training, validation, context)
                : new ClassifierTask(plan, parameters, training, validation, context);
            ReleaseGarbage();
            var run = Run(plan, task, context, clock, report, cancellationToken);
            var model = SequenceModel.Create(plan.Task, plan.Architecture, plan.Tokenizer, plan.Labels, parameters, settings.SequenceLength);
            return run with { Model = model };
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Gives back what preparing left behind - decompositions, a text before it was split - which would otherwise stand beside the run to its end: a run allocates nothing that would make the collector look.
    /// </summary>
    private static void ReleaseGarbage() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    // Embeddings that are the output layer too make logits of order 1 of states of order 1.
    private static double EmbeddingDeviation(TrainingPlan plan) =>
        plan.Task != TaskKind.LanguageModel ? 0.3 : plan.Architecture.TiedEmbeddings ? 1 / Math.Sqrt(plan.Architecture.EmbeddingSize) : 1;

    private static TrainingOutcome Run(TrainingPlan plan, ITrainingTask task, ComputeContext context, Stopwatch clock, Action<TrainingProgress> report, CancellationToken cancellationToken)
    {
        var settings = plan.Training;
        var parameters = task.Parameters;
        using Optimizer optimizer = new Adam(parameters);
        var gradientNorm = new GradientNorm(parameters, context);
        var tuner = new TeamSizeTuner(context.Team);
        using var best = new NativeBuffer(parameters.Values.Length);
        var curve = new List<EpochMetrics>();
        IReadOnlyDictionary<string, double> bestMetrics = new Dictionary<string, double>();
        double bestLoss = double.PositiveInfinity;
        double? validationLoss = null;
        int bestEpoch = 0;
        long tokens = 0, totalSteps = (long)settings.Epochs * task.StepsPerEpoch;
        string stopReason = "epochs";
        var lastReport = TimeSpan.Zero;
        bool outOfTime = false;

        for (int epoch = 1; epoch <= settings.Epochs; epoch++)
        {
            double lossSum = 0, normSum = 0;
            long targets = 0;
            int steps = 0;
            double rate = LearningRate(settings, epoch);
            task.BeginEpoch(epoch - 1);
            for (; steps < task.StepsPerEpoch && !outOfTime; steps++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                tuner.BeforeStep();
                var stepStart = clock.Elapsed;
                var result = task.Step(optimizer.Steps);
                float norm = gradientNorm.Compute();
                optimizer.Step(context, rate, GradientClipping.Factor(norm, settings.GradientClipNorm));
                tuner.AfterStep(clock.Elapsed - stepStart, result.Tokens);
                lossSum += result.LossSum;
                normSum += norm;
                targets += result.Targets;
                tokens += result.Tokens;
                outOfTime = clock.Elapsed.TotalSeconds >= settings.MaxSeconds;
                if (clock.Elapsed - lastReport >= ReportInterval)
                    Report(epoch, ended: false);
            }

            var metrics = task.Evaluate(cancellationToken);
            validationLoss = metrics["validationLoss"];
            if (validationLoss < bestLoss)
            {
                (bestLoss, bestEpoch, bestMetrics) = (validationLoss.Value, epoch, metrics);
                Memory.Copy(parameters.Values.Pointer, best.Pointer, best.Length);
            }

            curve.Add(new EpochMetrics(
                epoch, lossSum / targets, validationLoss.Value, metrics.TryGetValue("accuracy", out double accuracy) ? accuracy : null, rate, normSum / steps, clock.Elapsed.TotalSeconds));
            Report(epoch, ended: true);
            if (outOfTime || clock.Elapsed.TotalSeconds >= settings.MaxSeconds)
            {
                stopReason = "maxSeconds";
                break;
            }

            if (epoch - bestEpoch >= settings.EarlyStoppingPatience)
            {
                stopReason = "earlyStopping";
                break;
            }

            void Report(int current, bool ended)
            {
                lastReport = clock.Elapsed;
                report(new TrainingProgress
                {
                    Epoch = current,
                    Epochs = settings.Epochs,
                    Step = optimizer.Steps,
                    TotalSteps = totalSteps,
                    TokensPerSecond = tokens / clock.Elapsed.TotalSeconds,
                    Elapsed = clock.Elapsed,
                    TrainingLoss = lossSum / targets,
                    ValidationLoss = validationLoss,
                    BestValidationLoss = double.IsFinite(bestLoss) ? bestLoss : null,
                    EpochEnded = ended,
                });
            }
        }

        if (bestEpoch == 0)
            throw new TrainingDivergedException(settings.LearningRate);
        Memory.Copy(best.Pointer, parameters.Values.Pointer, best.Length);
        return new TrainingOutcome
        {
            Model = null!, // set by the caller, once the task has let go of the parameters
            Curve = curve,
            Metrics = bestMetrics,
            BestEpoch = bestEpoch,
            StopReason = stopReason,
            ElapsedSeconds = clock.Elapsed.TotalSeconds,
            Tokens = tokens,
        };
    }

    private static double LearningRate(TrainingSettings settings, int epoch) => settings.LearningRate;
}
