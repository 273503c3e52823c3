using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>What stands before the first update of a run: threads, fresh weights, and the task with its batches.</summary>
internal sealed class TrainingSetup : IDisposable
{
    /// <summary>Bytes from which on a run is worth a collection before it begins.</summary>
    private const long LargeRun = 32 << 20;
    private ParameterSet? _parameters;

    /// <param name="plan">What to do.</param>
    /// <param name="training">The examples to learn from.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <param name="threads">Threads, the caller's included.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="threadStarted">Called once on every thread that is started.</param>
    /// <param name="orthogonal">Whether recurrent weights are decomposed; without, they are of the same size but no run's.</param>
    public TrainingSetup(TrainingPlan plan, TrainingData training, TrainingData validation, int threads, KernelSet kernels, Action? threadStarted = null, bool orthogonal = true)
    {
        Context = ComputeContext.Create(threads, kernels, threadStarted);
        try
        {
            _parameters = ParametersOf(plan);
            Initialization.Network(_parameters, plan.Architecture.Cell, plan.Architecture.HiddenSize, EmbeddingDeviation(plan), plan.Training.Seed, orthogonal);
            plan.Base?.CopyTo(_parameters, plan.Tokenizer.Vocabulary);
            ReleaseGarbage(plan);
            Task = plan.Task == TaskKind.LanguageModel
                ? new LanguageModelTask(plan, _parameters, training, validation, Context)
                : new ClassifierTask(plan, _parameters, training, validation, Context);
            ReleaseGarbage(plan);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Kernels and team.</summary>
    public ComputeContext Context { get; }

    /// <summary>The network and its batches.</summary>
    public ITrainingTask Task { get; } = null!;

    /// <summary>The parameters of a plan's network, all zero.</summary>
    public static ParameterSet ParametersOf(TrainingPlan plan) => NetworkLayout.Create(plan.Task, plan.Architecture, plan.Tokenizer.Vocabulary.Count, plan.Labels.Count);

    /// <summary>The model of a plan's network, which owns the parameters.</summary>
    public static SequenceModel ModelOf(TrainingPlan plan, ParameterSet parameters) =>
        SequenceModel.Create(plan.Task, plan.Architecture, plan.Tokenizer, plan.Labels, parameters, plan.Training.SequenceLength);

    /// <summary>Makes the parameters the caller's: they outlive this.</summary>
    public ParameterSet TakeParameters()
    {
        var parameters = _parameters!;
        _parameters = null;
        return parameters;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Task?.Dispose();
        _parameters?.Dispose();
        Context.Dispose();
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
        plan.Base is { } start ? start.EmbeddingDeviation() : plan.Task != TaskKind.LanguageModel ? 0.3 : plan.Architecture.TiedEmbeddings ? 1 / Math.Sqrt(plan.Architecture.EmbeddingSize) : 1;
}
