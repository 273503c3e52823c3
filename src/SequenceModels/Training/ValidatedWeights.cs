using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>What a validation measured, and the weights that it measured.</summary>
public sealed class ValidatedWeights
{
    private readonly TrainingPlan? _plan;
    private readonly NativeBuffer _values;

    internal ValidatedWeights(TrainingPlan? plan, NativeBuffer values, IReadOnlyList<EpochMetrics> curve, IReadOnlyDictionary<string, double> metrics, bool isBest)
    {
        (_plan, _values) = (plan, values);
        (Curve, Metrics, IsBest) = (curve, metrics, isBest);
    }

    /// <summary>The point that the validation adds to the learning curves.</summary>
    public EpochMetrics Point => Curve[^1];

    /// <summary>The points of the run so far, those before an interruption too; of more than 4096 some, as in <see cref="TrainingOutcome.Curve"/>.</summary>
    public IReadOnlyList<EpochMetrics> Curve { get; }

    /// <summary>The metrics of the weights on the validation data, as <see cref="TrainingOutcome.Metrics"/>.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; }

    /// <summary>Whether the weights are the best so far: those that the run would give if it ended here.</summary>
    public bool IsBest { get; }

    /// <summary>A model of a copy of the weights, to be kept and used as long as one likes while the run goes on. It takes the memory of a loaded model.</summary>
    /// <returns>The model, owned by the caller.</returns>
    /// <exception cref="InvalidOperationException">The run is not one over text.</exception>
    public unsafe SequenceModel CopyModel()
    {
        if (_plan is null)
            throw new InvalidOperationException("Weights of a task that is not one over text make no model of text.");
        var copy = TrainingSetup.ParametersOf(_plan);
        try
        {
            Memory.Copy(_values.Pointer, copy.Values.Pointer, copy.Values.Length);
            return TrainingSetup.ModelOf(_plan, copy);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }
}
