using System.Text.Json.Serialization;

namespace SequenceModels.Training.Advice;

/// <summary>
/// Watches the training loss for divergence. It depends on losses alone, and is part of what a checkpoint keeps: a run that goes on, or is done again, diverges and recovers at the same update.
/// </summary>
/// <param name="First">The first loss, that of an untrained network.</param>
/// <param name="Sum">The losses, each worth less by a tenth than the next one.</param>
/// <param name="Weight">What they are worth together.</param>
internal readonly record struct LossWatch(double First, double Sum, double Weight)
{
    /// <summary>The factor of the learning rate after a divergence.</summary>
    public const double RateAfter = 0.5;

    /// <summary>What a loss keeps of its worth from update to update: some ten are in sight.</summary>
    private const double Fading = 0.9;

    /// <summary>Times the loss of knowing nothing, which only steps that are too large lead to.</summary>
    private const double FarAbove = 1.5;

    /// <summary>Updates from which on the mean counts.</summary>
    private const int LeastUpdates = 5;

    private static readonly double s_leastWeight = (1 - Math.Pow(Fading, LeastUpdates)) / (1 - Fading);

    /// <summary>The mean loss of the last updates.</summary>
    [JsonIgnore]
    public double Mean => Sum / Weight;

    /// <summary>With one more update.</summary>
    public LossWatch With(double loss) => new(Weight == 0 ? loss : First, Fading * Sum + loss, Fading * Weight + 1);

    /// <summary>Whether the training has gone astray: its loss is no number, or the last ones were far above both a guess and an untrained network.</summary>
    /// <param name="guess">The loss of an even guess, ln V or ln K.</param>
    public bool Diverges(double guess) => !double.IsFinite(Sum) || (Weight >= s_leastWeight - 1e-9 && Mean > FarAbove * Math.Max(guess, First));
}
