using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>What the trainer needs of a task: a network whose gradients it can ask for, batch by batch.</summary>
internal interface ITrainingTask : IDisposable
{
    ParameterSet Parameters { get; }

    /// <summary>Batches an epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>Tokens that the batches of an epoch read.</summary>
    long TokensPerEpoch { get; }

    /// <summary>Tokens that a validation reads.</summary>
    long ValidationTokens { get; }

    /// <summary>The training loss of an even guess, which a run that diverges is told by; infinite where there is none to compare with.</summary>
    double GuessLoss => double.PositiveInfinity;

    /// <summary>Starts an epoch, counted from 0.</summary>
    void BeginEpoch(int epoch);

    /// <summary>Passes over the first batches of the epoch just begun, without a look at them.</summary>
    void Skip(int batches);

    /// <summary>What is carried from batch to batch, by name, for a checkpoint; empty where each batch begins anew.</summary>
    IReadOnlyList<(string Name, NativeBuffer Values)> Carried { get; }

    /// <summary>Takes the next batch of the epoch and adds the gradients of its loss to the parameters' gradients.</summary>
    /// <param name="batch">Batches done so far, the key of dropout.</param>
    /// <param name="divisor">What the sum of the losses is divided by before gradients are taken; <c>null</c>: the batch's own weight, which makes it the mean.</param>
    BatchResult Step(long batch, double? divisor = null);

    /// <summary>The metrics of the current weights on the validation data.</summary>
    IReadOnlyDictionary<string, double> Evaluate(CancellationToken cancellationToken);
}

/// <summary>What one batch gave.</summary>
/// <param name="LossSum">Sum of the losses of its targets, each times its weight, nats; penalties left out.</param>
/// <param name="Weight">Number of targets, or the sum of their weights.</param>
/// <param name="Tokens">Tokens read.</param>
internal readonly record struct BatchResult(double LossSum, double Weight, long Tokens);
