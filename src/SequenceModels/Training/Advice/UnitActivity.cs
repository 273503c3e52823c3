using SequenceModels.Data;
using SequenceModels.Tasks;

namespace SequenceModels.Training.Advice;

/// <summary>How the units of the last recurrent layer behave on held-out data.</summary>
/// <param name="Units">Units that were looked at.</param>
/// <param name="Steps">Steps that each was looked at.</param>
/// <param name="Inactive">Units whose output does not change.</param>
/// <param name="Saturated">Units whose output is at an end of its range at nearly all steps; 0 where it has no ends.</param>
public readonly record struct UnitActivity(int Units, long Steps, int Inactive, int Saturated)
{
    /// <summary>Measures the units of a model on a part of the held-out data.</summary>
    /// <param name="model">The model.</param>
    /// <param name="validation">The held-out data.</param>
    /// <param name="sequenceLength">Steps of a chunk of one long text, or tokens at most of a sequence.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static UnitActivity Of(SequenceModel model, TrainingData validation, int sequenceLength, CancellationToken cancellationToken) =>
        UnitMeasurement.Measure(model, validation, sequenceLength, cancellationToken);

    /// <summary>Part of the units that are inactive.</summary>
    public double InactiveShare => Units == 0 ? 0 : (double)Inactive / Units;

    /// <summary>Part of the units that are saturated.</summary>
    public double SaturatedShare => Units == 0 ? 0 : (double)Saturated / Units;
}
