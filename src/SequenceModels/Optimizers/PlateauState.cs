namespace SequenceModels.Optimizers;

/// <summary>
/// What <see cref="ScheduleKind.ReduceOnPlateau"/> makes of the validations so far. It is all that the schedule knows of them, so that a run of any length carries four numbers, and it is part of what a checkpoint keeps.
/// </summary>
/// <param name="Best">The best loss.</param>
/// <param name="Factor">What the reductions so far leave of the rate.</param>
/// <param name="Without">Validations in a row without a better one.</param>
/// <param name="Cooling">Validations still to come that are not counted.</param>
internal readonly record struct PlateauState(double Best, double Factor, int Without, int Cooling)
{
    /// <summary>Before the first validation.</summary>
    public static PlateauState Beginning { get; } = new(double.PositiveInfinity, 1, 0, 0);

    /// <summary>With one more validation. A loss that is no number is no improvement.</summary>
    /// <param name="settings">The schedule.</param>
    /// <param name="loss">The validation's.</param>
    public PlateauState With(ScheduleSettings settings, double loss)
    {
        var (best, factor, without, cooling) = this;
        if (loss < best * (1 - settings.Threshold)) // (17.7)
            (best, without) = (loss, 0);
        else
            without++;
        if (cooling > 0)
            (cooling, without) = (cooling - 1, 0);
        return without <= settings.Patience
            ? new(best, factor, without, cooling)
            : new(best, Math.Max(factor * settings.DecayFactorOrDefault, settings.LeastFraction), 0, settings.Cooldown); // (17.8)
    }
}
