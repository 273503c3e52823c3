using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using SequenceModels.Optimizers;

namespace RnnService.Api.Models;

/// <summary>The numbers of a learning-rate schedule, as requests and answers have them: each belongs to some kinds and is left out (in answers null) with all others.</summary>
public abstract record ScheduleNumbers
{
    private static readonly OwnedMember<ScheduleNumbers, ScheduleKind>[] s_owned =
    [
        new("warmupSteps", numbers => numbers.WarmupSteps, ScheduleKind.Constant, ScheduleKind.Step, ScheduleKind.Exponential, ScheduleKind.Cosine, ScheduleKind.ReduceOnPlateau),
        new("decayFactor", numbers => numbers.DecayFactor, ScheduleKind.Step, ScheduleKind.Exponential, ScheduleKind.ReduceOnPlateau),
        new("epochsPerDecay", numbers => numbers.EpochsPerDecay, ScheduleKind.Step),
        new("leastFraction", numbers => numbers.LeastFraction, ScheduleKind.Cosine, ScheduleKind.ReduceOnPlateau),
        new("riseFraction", numbers => numbers.RiseFraction, ScheduleKind.OneCycle),
        new("initialDivisor", numbers => numbers.InitialDivisor, ScheduleKind.OneCycle),
        new("finalDivisor", numbers => numbers.FinalDivisor, ScheduleKind.OneCycle),
        new("patience", numbers => numbers.Patience, ScheduleKind.ReduceOnPlateau),
        new("threshold", numbers => numbers.Threshold, ScheduleKind.ReduceOnPlateau),
        new("cooldown", numbers => numbers.Cooldown, ScheduleKind.ReduceOnPlateau),
    ];

    /// <summary>For all kinds but oneCycle: updates over which the rate rises in a straight line to its full height. Left out: 0.</summary>
    [Range(0, 1_000_000)]
    public int? WarmupSteps { get; init; }

    /// <summary>For step, exponential and reduceOnPlateau: the factor of each decay. Left out: 0.95 for exponential, else 0.1.</summary>
    [Range(0d, 1d, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double? DecayFactor { get; init; }

    /// <summary>For step: epochs from one decay to the next. Left out: 10.</summary>
    [Range(1, 10_000)]
    public int? EpochsPerDecay { get; init; }

    /// <summary>For cosine and reduceOnPlateau: the least rate, as a part of the learning rate. Left out: 0.</summary>
    [Range(0d, 1d)]
    public double? LeastFraction { get; init; }

    /// <summary>For oneCycle: the part of all updates in which the rate rises. Left out: 0.3.</summary>
    [Range(0d, 1d, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double? RiseFraction { get; init; }

    /// <summary>For oneCycle: what the learning rate is divided by for the first update. Left out: 25.</summary>
    [Range(1d, 1e6)]
    public double? InitialDivisor { get; init; }

    /// <summary>For oneCycle: what the first update's rate is divided by for the last one. Left out: 10,000.</summary>
    [Range(1d, 1e9)]
    public double? FinalDivisor { get; init; }

    /// <summary>For reduceOnPlateau: validations without a better one that are borne before the rate is reduced. Left out: 2.</summary>
    [Range(0, 1000)]
    public int? Patience { get; init; }

    /// <summary>For reduceOnPlateau: how much better a loss must be to count as better, relative to the best. Left out: 0.0001.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? Threshold { get; init; }

    /// <summary>For reduceOnPlateau: validations after a reduction that are not counted. Left out: 0.</summary>
    [Range(0, 1000)]
    public int? Cooldown { get; init; }

    /// <summary>The schedule with these numbers and the defaults of those left out.</summary>
    internal ScheduleSettings ToSettings(ScheduleKind kind)
    {
        var plain = new ScheduleSettings();
        return new ScheduleSettings
        {
            Kind = kind,
            WarmupSteps = WarmupSteps ?? plain.WarmupSteps,
            DecayFactor = DecayFactor,
            EpochsPerDecay = EpochsPerDecay ?? plain.EpochsPerDecay,
            LeastFraction = LeastFraction ?? plain.LeastFraction,
            RiseFraction = RiseFraction ?? plain.RiseFraction,
            InitialDivisor = InitialDivisor ?? plain.InitialDivisor,
            FinalDivisor = FinalDivisor ?? plain.FinalDivisor,
            Patience = Patience ?? plain.Patience,
            Threshold = Threshold ?? plain.Threshold,
            Cooldown = Cooldown ?? plain.Cooldown,
        };
    }

    /// <summary>Adds a problem for each number that the kind does not read.</summary>
    private protected void ValidateNumbers(Problems problems, ScheduleKind kind)
    {
        foreach (var member in s_owned)
            member.RefuseBeside(problems, this, "schedule kind", kind);
    }
}
