using System.Text.Json.Serialization;
using SequenceModels.Optimizers;
using SequenceModels.Training.Advice;

namespace SequenceModels.Training;

/// <summary>The numbers that a run carries from update to update. With the weights, what the optimiser remembers and what the batches carry they are all that a run goes on from.</summary>
internal sealed class RunState
{
    /// <summary>The epoch under way, from 1.</summary>
    public int Epoch { get; set; } = 1;

    /// <summary>Batches of this epoch done: with seed and epoch they tell which come next.</summary>
    public int Batches { get; set; }

    /// <summary>Batches of all epochs done, the key of dropout.</summary>
    public long TotalBatches { get; set; }

    /// <summary>The optimiser's counts when the run was last interrupted.</summary>
    public OptimizerCounts Counts { get; set; }

    /// <summary>Sum of the weighted losses of this epoch's targets.</summary>
    public double LossSum { get; set; }

    /// <summary>Sum of their weights.</summary>
    public double Weight { get; set; }

    /// <summary>Sum of the gradient norms of this epoch's updates.</summary>
    public double NormSum { get; set; }

    /// <summary>Updates of this epoch.</summary>
    public int Updates { get; set; }

    /// <summary>Learning rate of the last update.</summary>
    public double Rate { get; set; }

    /// <summary>Tokens read in all epochs.</summary>
    public long Tokens { get; set; }

    /// <summary>Seconds that the run had taken when it was last interrupted.</summary>
    public double Seconds { get; set; }

    /// <summary>Steps of the range test before the run when its time was up; <c>null</c>: there was none, or it came to its end.</summary>
    public int? RangeTestSteps { get; set; }

    /// <summary>Updates done at the last validation; -1 before the first.</summary>
    public long ValidatedStep { get; set; } = -1;

    /// <summary>The validations so far, or some of them: no decision of the run reads it.</summary>
    public ThinnedCurve Curve { get; set; } = new();

    /// <summary>What a schedule that waits for validation makes of them.</summary>
    public PlateauState Plateau { get; set; } = PlateauState.Beginning;

    /// <summary>What an averaging rule waits for.</summary>
    public NonMonotoneTrigger Trigger { get; set; } = new();

    /// <summary>Epoch of the best validation; 0 before there is one.</summary>
    public int BestEpoch { get; set; }

    /// <summary>Its loss.</summary>
    public double BestLoss { get; set; } = double.PositiveInfinity;

    /// <summary>Its metrics.</summary>
    public IReadOnlyDictionary<string, double> BestMetrics { get; set; } = new Dictionary<string, double>();

    /// <summary>The mean training loss of the last updates, as <see cref="Advice.LossWatch"/> keeps it.</summary>
    public LossWatch Losses { get; set; }

    /// <summary>Where the run diverged, and went back to its best state at half the rate; <c>null</c>: it has not.</summary>
    public Divergence? Divergence { get; set; }

    /// <summary>Why the run has ended; <c>null</c> while it goes on.</summary>
    public string? StopReason { get; set; }

    /// <summary>Mean loss of the epoch so far; <c>null</c> before its first update.</summary>
    [JsonIgnore]
    public double? TrainingLoss => Updates > 0 ? LossSum / Weight : null;

    /// <summary>Counts an update.</summary>
    public void Add(in UpdateResult result, int batches, double rate)
    {
        Batches += batches;
        TotalBatches += batches;
        LossSum += result.LossSum;
        Weight += result.Weight;
        NormSum += result.GradientNorm;
        Tokens += result.Tokens;
        Updates++;
        Rate = rate;
    }

    /// <summary>Forgets what was measured in this epoch so far.</summary>
    public void ForgetEpoch() => (Updates, LossSum, Weight, NormSum, Losses) = (0, 0, 0, 0, default);

    /// <summary>Moves to the next epoch.</summary>
    public void BeginNextEpoch()
    {
        Epoch++;
        (Batches, Updates, LossSum, Weight, NormSum) = (0, 0, 0, 0, 0);
    }

    /// <summary>These numbers as they are written to a checkpoint.</summary>
    public RunState At(OptimizerCounts counts, TimeSpan elapsed)
    {
        var copy = (RunState)MemberwiseClone();
        (copy.Counts, copy.Seconds) = (counts, elapsed.TotalSeconds);
        return copy;
    }
}
