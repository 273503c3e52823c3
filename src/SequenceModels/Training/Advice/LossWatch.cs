namespace SequenceModels.Training.Advice;

/// <summary>
/// Watches the training loss for divergence. It depends on losses alone, and is part of what a checkpoint keeps: a run that goes on, or is done again, diverges and recovers at the same update.
/// </summary>
/// <param name="Sum">The losses, each worth <see cref="Fading"/> of the next one.</param>
/// <param name="Weight">What they are worth together.</param>
internal readonly record struct LossWatch(double Sum, double Weight)
{
    /// <summary>The factor of the learning rate after a divergence.</summary>
    public const double RateAfter = 0.5;

    /// <summary>What a loss loses of its worth from update to update: some fifty are in sight.</summary>
    private const double Fading = 0.98;

    /// <summary>The loss of an even guess times this is worse than knowing nothing: only steps that are too large lead there. An untrained network is near 1.</summary>
    private const double TimesGuess = 1.5;

    /// <summary>Updates from which on the mean counts.</summary>
    private const int LeastUpdates = 25;

    private static readonly double s_leastWeight = (1 - Math.Pow(Fading, LeastUpdates)) / (1 - Fading);

    /// <summary>The mean loss of the last updates.</summary>
    public double Mean => Sum / Weight;

    /// <summary>With one more update.</summary>
    public LossWatch With(double loss) => new(Fading * Sum + loss, Fading * Weight + 1);

    /// <summary>Whether the training has gone astray: its loss is no number, or the last ones were worse than a guess.</summary>
    /// <param name="guess">The loss of an even guess, ln V or ln K.</param>
    public bool Diverges(double guess) => !double.IsFinite(Sum) || (Weight >= s_leastWeight - 1e-9 && Mean > TimesGuess * guess);
}
