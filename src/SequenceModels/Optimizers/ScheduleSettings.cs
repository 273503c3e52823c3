using SequenceModels.Sampling;

namespace SequenceModels.Optimizers;

/// <summary>How the learning rate changes while a run goes on (docs/equations.md, section 17).</summary>
public enum ScheduleKind
{
    /// <summary>The same throughout.</summary>
    Constant,

    /// <summary>Multiplied by the decay factor every few epochs.</summary>
    Step,

    /// <summary>Multiplied by the decay factor every epoch.</summary>
    Exponential,

    /// <summary>Half a cosine down to the least rate at the last step (Loshchilov and Hutter 2017, without restarts).</summary>
    Cosine,

    /// <summary>Up to the rate set and down far below where it began (Smith and Topin 2019).</summary>
    OneCycle,

    /// <summary>Multiplied by the decay factor whenever validation has stopped improving.</summary>
    ReduceOnPlateau,
}

/// <summary>A schedule and its constants. A schedule reads its own constants only; warm-up goes before any but <see cref="ScheduleKind.OneCycle"/>, which has its own.</summary>
public sealed record ScheduleSettings
{
    /// <summary>The schedule.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Constant;

    /// <summary>Updates over which the rate rises in a straight line to its full height, 0..1,000,000; 0: none.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Factor of each decay, above 0 to below 1; <c>null</c>: 0.95 for <see cref="ScheduleKind.Exponential"/>, 0.1 for <see cref="ScheduleKind.Step"/> and <see cref="ScheduleKind.ReduceOnPlateau"/>.</summary>
    public double? DecayFactor { get; init; }

    /// <summary>Epochs from one decay to the next, 1..10,000. <see cref="ScheduleKind.Step"/>.</summary>
    public int EpochsPerDecay { get; init; } = 10;

    /// <summary>The least rate as a part of the rate set, 0..1. <see cref="ScheduleKind.Cosine"/>, <see cref="ScheduleKind.ReduceOnPlateau"/>.</summary>
    public double LeastFraction { get; init; }

    /// <summary>Part of the updates in which the rate rises, above 0 to below 1. <see cref="ScheduleKind.OneCycle"/>.</summary>
    public double RiseFraction { get; init; } = 0.3;

    /// <summary>What the rate set is divided by for the first update, 1..1e6. <see cref="ScheduleKind.OneCycle"/>.</summary>
    public double InitialDivisor { get; init; } = 25;

    /// <summary>What the first update's rate is divided by for the last one, 1..1e9. <see cref="ScheduleKind.OneCycle"/>.</summary>
    public double FinalDivisor { get; init; } = 1e4;

    /// <summary>Validations without a better one that are borne before the rate is reduced, 0..1000. <see cref="ScheduleKind.ReduceOnPlateau"/>.</summary>
    public int Patience { get; init; } = 2;

    /// <summary>How much better a loss must be to count as better, relative to the best, 0 to below 1. <see cref="ScheduleKind.ReduceOnPlateau"/>.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Validations after a reduction that are not counted, 0..1000. <see cref="ScheduleKind.ReduceOnPlateau"/>.</summary>
    public int Cooldown { get; init; }

    /// <summary><see cref="DecayFactor"/>, or the schedule's own.</summary>
    public double DecayFactorOrDefault => DecayFactor ?? (Kind == ScheduleKind.Exponential ? 0.95 : 0.1);

    /// <summary>Checks every range.</summary>
    /// <returns>All problems at once; empty if the settings are good.</returns>
    public IReadOnlyList<SettingProblem> Validate()
    {
        var check = new RangeCheck();
        check.FromTo("warmupSteps", WarmupSteps, 0, 1_000_000);
        if (DecayFactor is not (null or (> 0 and < 1)))
            check.Add("decayFactor", FormattableString.Invariant($"is {DecayFactor}; above 0 to below 1 is allowed."));
        check.FromTo("epochsPerDecay", EpochsPerDecay, 1, 10_000);
        check.FromTo("leastFraction", LeastFraction, 0, 1);
        if (RiseFraction is not (> 0 and < 1))
            check.Add("riseFraction", FormattableString.Invariant($"is {RiseFraction}; above 0 to below 1 is allowed."));
        check.FromTo("initialDivisor", InitialDivisor, 1, 1e6);
        check.FromTo("finalDivisor", FinalDivisor, 1, 1e9);
        check.FromTo("patience", Patience, 0, 1000);
        check.FromToBelow("threshold", Threshold, 0, 1);
        check.FromTo("cooldown", Cooldown, 0, 1000);
        if (!Enum.IsDefined(Kind))
            check.Add("kind", $"is {(int)Kind}; it must be one of {string.Join(", ", Enum.GetNames<ScheduleKind>())}.");
        if (Kind == ScheduleKind.OneCycle && WarmupSteps > 0)
            check.Add("warmupSteps", $"is {WarmupSteps}; a one-cycle schedule rises by itself, so 0 is allowed.");
        return check.Problems;
    }
}
