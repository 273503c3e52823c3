using SequenceModels.Optimizers;

namespace SequenceModels.Training;

/// <summary>What is chosen for a classifier that starts from a language model (docs/transfer.md has the measurements): few epochs, one cycle of the step size, one layer after the other.</summary>
internal static class FineTuningDefaults
{
    private const int Epochs = 8;

    /// <summary>For Adam.</summary>
    private const double LearningRate = 0.004;

    /// <summary>Of the step size from a layer to the one below it. Howard and Ruder (2018) take 1 / 2.6, with language models of far more text than there are labels.</summary>
    private const double RateDecay = 1;

    /// <summary>Slanted triangular rates in all but the form of the curve: a short rise from 1/32 (Howard and Ruder 2018).</summary>
    private static readonly ScheduleSettings s_schedule = new() { Kind = ScheduleKind.OneCycle, RiseFraction = 0.1, InitialDivisor = 32 };

    /// <summary>Fills in what is open.</summary>
    /// <param name="request">What was chosen.</param>
    /// <param name="size">What a classifier from nothing would take.</param>
    /// <param name="layers">Recurrent layers.</param>
    public static (TrainingRequest Request, AutomaticSettings Size) For(TrainingRequest request, AutomaticSettings size, int layers)
    {
        int wait = request.GradualUnfreezing ?? 1, epochs = request.Epochs ?? Epochs + wait * (layers - 1);
        var chosen = request with { GradualUnfreezing = wait, LayerRateDecay = request.LayerRateDecay ?? RateDecay, Schedule = request.Schedule ?? s_schedule };
        return (chosen, size with { Epochs = epochs, LearningRate = LearningRate, Patience = Math.Min(1000, epochs), EmbeddingDropout = 0, WeightDropout = 0 });
    }
}
