using SequenceModels.Kernels;

namespace SequenceModels.Optimizers;

/// <summary>Where a run stands, as far as a schedule asks.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="TotalSteps">Updates that the run will do at most, 1 or more.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="ValidationLosses">The loss of each validation so far, the newest last.</param>
internal readonly record struct SchedulePosition(long Step, long TotalSteps, int Epoch, IReadOnlyList<double> ValidationLosses);

/// <summary>
/// Learning rates as a function of where the run stands, and of nothing else (docs/equations.md, section 17): a schedule has no state of its own to save. PyTorch's numbers, but the same
/// bits on every machine.
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
            ScheduleKind.ReduceOnPlateau => Plateau(settings, position.ValidationLosses),
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

    // Played through from the first validation on: the losses are all the state there is. A NaN is no improvement.
    private static double Plateau(ScheduleSettings settings, IReadOnlyList<double> losses)
    {
        double best = double.PositiveInfinity, factor = 1;
        int without = 0, cooling = 0;
        for (int i = 0; i < losses.Count; i++) // an enumerator would be allocated at each step
        {
            double loss = losses[i];
            if (loss < best * (1 - settings.Threshold)) // (17.7)
                (best, without) = (loss, 0);
            else
                without++;
            if (cooling > 0)
                (cooling, without) = (cooling - 1, 0);
            if (without <= settings.Patience)
                continue;
            factor = Math.Max(factor * settings.DecayFactorOrDefault, settings.LeastFraction); // (17.8)
            (without, cooling) = (0, settings.Cooldown);
        }

        return factor;
    }

    /// <summary>Half a cosine from one number to another; beyond the end it stays there.</summary>
    private static double Between(double start, double end, double part) => end + (start - end) / 2 * (1 + Cosine.OfHalfTurns(Math.Min(part, 1)));
}
