using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>What the trainer needs of a task: a network whose gradients it can ask for, batch by batch.</summary>
internal interface ITrainingTask : IDisposable
{
    ParameterSet Parameters { get; }

    /// <summary>Updates an epoch.</summary>
    int StepsPerEpoch { get; }

    /// <summary>Starts an epoch, counted from 0.</summary>
    void BeginEpoch(int epoch);

    /// <summary>Takes the next batch of the epoch and adds the gradients of its mean loss to the parameters' gradients.</summary>
    /// <param name="step">Updates done so far, the key of dropout.</param>
    StepResult Step(long step);

    /// <summary>The metrics of the current weights on the validation data.</summary>
    IReadOnlyDictionary<string, double> Evaluate(CancellationToken cancellationToken);
}

/// <summary>What one batch gave.</summary>
/// <param name="LossSum">Sum of the losses of its targets, nats.</param>
/// <param name="Targets">Number of targets.</param>
/// <param name="Tokens">Tokens read.</param>
internal readonly record struct StepResult(double LossSum, long Targets, long Tokens);
