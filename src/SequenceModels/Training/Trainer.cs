using System.Diagnostics;
using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tasks;

namespace SequenceModels.Training;

/// <summary>
/// Trains networks: fresh weights, then epochs of deterministic batches (<see cref="TrainingRun"/>) to the best that the run finds.
/// The same plan, data and seed give the same bits on any number of threads.
/// </summary>
public sealed class Trainer
{
    /// <summary>Bytes from which on a run is worth a collection before it begins.</summary>
    private const long LargeRun = 32 << 20;
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
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The model of the best epoch, owned by the caller.</returns>
    /// <exception cref="ArgumentException">A number of the optimiser or the schedule is out of its range.</exception>
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
            ReleaseGarbage(plan);
            using ITrainingTask task = plan.Task == TaskKind.LanguageModel
                ? new LanguageModelTask(plan, parameters, training, validation, context)
                : new ClassifierTask(plan, parameters, training, validation, context);
            ReleaseGarbage(plan);
            var outcome = ToEnd(new TrainingRun(settings, task, context, clock, report, cancellationToken));
            var model = SequenceModel.Create(plan.Task, plan.Architecture, plan.Tokenizer, plan.Labels, parameters, settings.SequenceLength);
            return outcome with { Model = model };
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Gives back what preparing left behind - decompositions, a text before it was split - which would otherwise stand beside the run to its end: a run allocates nothing that would make the collector look.
    /// A small run leaves too little to stop others for.
    /// </summary>
    private static void ReleaseGarbage(TrainingPlan plan)
    {
        if (plan.MemoryBytes >= LargeRun)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    // Embeddings that are the output layer too make logits of order 1 of states of order 1.
    private static double EmbeddingDeviation(TrainingPlan plan) =>
        plan.Task != TaskKind.LanguageModel ? 0.3 : plan.Architecture.TiedEmbeddings ? 1 / Math.Sqrt(plan.Architecture.EmbeddingSize) : 1;

    /// <summary>Runs, and lets go of what the optimiser remembers before the model takes memory of its own.</summary>
    private static TrainingOutcome ToEnd(TrainingRun run)
    {
        using (run)
            return run.ToEnd();
    }
}
