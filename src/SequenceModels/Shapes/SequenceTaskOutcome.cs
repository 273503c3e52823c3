using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace SequenceModels.Shapes;

/// <summary>What training a task gave: the best model, and how it went.</summary>
public sealed class SequenceTaskOutcome : IDisposable
{
    internal SequenceTaskOutcome(SequenceTaskModel model, TrainingOutcome run)
    {
        Model = model;
        (Curve, Metrics, BestEpoch, StopReason, Divergence, ElapsedSeconds) = (run.Curve, run.Metrics, run.BestEpoch, run.StopReason, run.Divergence, run.ElapsedSeconds);
    }

    /// <summary>The model with the best weights. Owned by this object.</summary>
    public SequenceTaskModel Model { get; }

    /// <summary>One entry a validation; of more than 4096 some, evenly spread, among them always the first, the best and the last.</summary>
    public IReadOnlyList<EpochMetrics> Curve { get; }

    /// <summary>The metrics of the best weights on the validation examples, as <see cref="SequenceTaskModel.Evaluate"/> gives them.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; }

    /// <summary>The epoch whose weights were kept, from 1.</summary>
    public int BestEpoch { get; }

    /// <summary>Why the run ended: <c>epochs</c>, <c>earlyStopping</c>, <c>maxSeconds</c> or <c>stopped</c> (by its control).</summary>
    public string StopReason { get; }

    /// <summary>Where the run diverged, went back to its best state and on at half the rate; <c>null</c>: it did not.</summary>
    public Divergence? Divergence { get; }

    /// <summary>Duration of the run.</summary>
    public double ElapsedSeconds { get; }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
