using SequenceModels.Kernels;

namespace SequenceModels.Optimizers;

/// <summary>Where a run stands, as far as a schedule asks.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="TotalSteps">Updates that the run will do at most, 1 or more.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Plateau">What the validations so far come to.</param>
internal readonly record struct SchedulePosition(long Step, long TotalSteps, int Epoch, PlateauState Plateau);

/// <summary>
/// Learning rates as a function of where the run stands, and of nothing else (docs/equations.md, section 17): a schedule has no state of its own to save but <see cref="PlateauState"/>.
/// PyTorch's numbers, but the same bits on every machine.
/// </summary>
internal static class LearningRateSchedule
{
    /// <summary>The learning rate of the next update.</summary>
    /// <param name="settings">The schedule.</param>
    /// <param name="rate">η, the rate set: the highest that the schedule reaches.</param>
    /// <param name="position">Where the run stands.</param>
    /// <returns>The rate, 0..η.</returns>
    public static double Rate(ScheduleSettings settings, double rate, in SchedulePosition position)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(position.TotalSteps, 1);
        if (position.Step < settings.WarmupSteps)
            return rate * (position.Step + 1) / settings.WarmupSteps; // (17.1)
        double factor = settings.DecayFactorOrDefault;
        return rate * (settings.Kind switch
        {
            ScheduleKind.Step => Powers.Power(factor, position.Epoch / settings.EpochsPerDecay), // (17.2)
            ScheduleKind.Exponential => Powers.Power(factor, position.Epoch),                    // (17.3)
            ScheduleKind.Cosine => Between(1, settings.LeastFraction, (position.Step - settings.WarmupSteps) / Math.Max(1.0, position.TotalSteps - settings.WarmupSteps)), // (17.4)
            ScheduleKind.OneCycle => OneCycle(settings, position),
            ScheduleKind.ReduceOnPlateau => position.Plateau.Factor,
            _ => 1,
        });
    }

    private static double OneCycle(ScheduleSettings settings, in SchedulePosition position)
    {
        double top = settings.RiseFraction * position.TotalSteps - 1, last = position.TotalSteps - 1, first = 1 / settings.InitialDivisor;
        return position.Step < top
            ? Between(first, 1, position.Step / top)                                              // (17.5)
            : Between(1, first / settings.FinalDivisor, (position.Step - top) / (last - top));    // (17.6)
    }

    /// <summary>Half a cosine from one number to another; beyond the end it stays there.</summary>
    private static double Between(double start, double end, double part) => end + (start - end) / 2 * (1 + Cosine.OfHalfTurns(Math.Min(part, 1)));
}
