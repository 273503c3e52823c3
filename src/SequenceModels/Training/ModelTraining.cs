using SequenceModels.Data;
using SequenceModels.Tasks;

namespace SequenceModels.Training;

/// <summary>From examples to a model in one call: split, choose, train.</summary>
internal static class ModelTraining
{
    /// <exception cref="ArgumentException">The data cannot be learned from, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">No epoch gave a finite validation loss.</exception>
    public static SequenceModel Train(TaskKind task, TrainingData data, TrainOptions options, CancellationToken cancellationToken)
    {
        RequestRanges.Check(options);
        var run = options.Training with { Seed = options.Training.Seed ?? options.Seed };
        var (training, validation) = options.Validation is { } given ? (data, given) : DataSplitter.Split(data, options.ValidationFraction, run.Seed.Value);
        var resolved = TrainingPlanner.Resolve(task, training, validation, options.Architecture, run, options.Threads, options.Start);
        if (resolved.Plan is not { } plan)
            throw new ArgumentException(resolved.Refusal, nameof(data));
        return new Trainer(options.Threads).Train(plan, training, validation, options.Progress ?? (_ => { }), cancellationToken).Model;
    }
}
