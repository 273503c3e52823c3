using SequenceModels.Evaluation;
using SequenceModels.Tasks;
using SequenceModels.Training.Advice;

namespace SequenceModels.Training;

/// <summary>What a run gave: the model of its best epoch, and how it went.</summary>
public sealed record TrainingOutcome : IDisposable
{
    /// <summary>The model with the weights of the best epoch. Owned by this record.</summary>
    public required SequenceModel Model { get; init; }

    /// <summary>One entry a validation; of more than 4096 some, evenly spread, among them always the first, the best and the last.</summary>
    public required IReadOnlyList<EpochMetrics> Curve { get; init; }

    /// <summary>Validations done.</summary>
    public required long Validations { get; init; }

    /// <summary>The metrics of the best weights on the validation data, as the model's own evaluation gives them.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>How the temperature of a classifier's probabilities was fitted to the validation data; <c>null</c> for other tasks.</summary>
    public FittedTemperature? Temperature { get; init; }

    /// <summary>The epoch whose weights were kept, from 1.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>The learning rate that a range test found before the run; <c>null</c> without one.</summary>
    public FoundLearningRate? RangeTest { get; init; }

    /// <summary>Why the run ended: <c>epochs</c>, <c>earlyStopping</c>, <c>maxSeconds</c> or <c>stopped</c> (by its control).</summary>
    public required string StopReason { get; init; }

    /// <summary>Where the run diverged, went back to its best state and on at half the rate; <c>null</c>: it did not.</summary>
    public Divergence? Divergence { get; init; }

    /// <summary>Duration of the run.</summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>Training tokens worked through.</summary>
    public required long Tokens { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
