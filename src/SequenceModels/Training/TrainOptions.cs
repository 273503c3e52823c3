using SequenceModels.Data;

namespace SequenceModels.Training;

/// <summary>How <see cref="Tasks.LanguageModel.Train(IReadOnlyList{string}, TrainOptions?, CancellationToken)"/> and its like train. All that is left out is chosen from the data.</summary>
public sealed record TrainOptions
{
    /// <summary>The network, whole or in part.</summary>
    public ArchitectureRequest Architecture { get; init; } = new();

    /// <summary>The run, whole or in part. Its seed is <see cref="Seed"/> unless it names one.</summary>
    public TrainingRequest Training { get; init; } = new();

    /// <summary>The model that the run starts from, with its weights; <c>null</c>: from nothing. It decides vocabulary and most of the architecture.</summary>
    public TrainingBase? Start { get; init; }

    /// <summary>Key of all randomness - split, first weights, batches, dropout -, 0..2^53-1: the same data, options and seed give the same bits.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Share of the examples that is measured on and not learned from, above 0 to 0.5. Not used where <see cref="Validation"/> is given.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Examples to measure on instead of a share, of the kind of those to learn from.</summary>
    public TrainingData? Validation { get; init; }

    /// <summary>Threads to train with, 1 or more; they change the time, no bit of the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Receives the progress a few times a second, and at the end of each epoch, on the thread that trains.</summary>
    public Action<TrainingProgress>? Progress { get; init; }
}
