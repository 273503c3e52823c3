using FsCheck.Xunit;
using SequenceModels.Optimizers;

namespace SequenceModels.Tests.Optimizers;

public sealed class LearningRateScheduleTests
{
    private const double Rate = 0.2;

    [Fact]
    public void Constant() => Assert.Equal(Rate, At(new(), 7));

    [Theory]
    [InlineData(0, 0.05)]
    [InlineData(1, 0.1)]
    [InlineData(3, 0.2)]
    [InlineData(4, 0.2)]
    public void Warm_up_rises_in_a_straight_line(long step, double want) => Assert.Equal(want, At(new() { WarmupSteps = 4 }, step), 1e-15);

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(2, 0.2)]
    [InlineData(3, 0.1)]
    [InlineData(7, 0.05)]
    public void Step_decays_every_few_epochs(int epoch, double want) =>
        Assert.Equal(want, At(new() { Kind = ScheduleKind.Step, EpochsPerDecay = 3, DecayFactor = 0.5 }, 50, epoch: epoch), 1e-15);

    [Fact]
    public void Exponential_decays_every_epoch()
    {
        Assert.Equal(0.2 * 0.9 * 0.9 * 0.9, At(new() { Kind = ScheduleKind.Exponential, DecayFactor = 0.9 }, 50, epoch: 3), 1e-15);
        Assert.Equal(0.2 * 0.95, At(new() { Kind = ScheduleKind.Exponential }, 50, epoch: 1), 1e-15);
    }

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(25, 0.02 + 0.18 * (1 + 0.70710678118654752) / 2)]
    [InlineData(50, 0.11)]
    [InlineData(100, 0.02)]
    [InlineData(150, 0.02)]
    public void Cosine_falls_to_the_least_rate(long step, double want) => Assert.Equal(want, At(new() { Kind = ScheduleKind.Cosine, LeastFraction = 0.1 }, step), 1e-15);

    [Fact]
    public void Cosine_begins_where_warm_up_ends()
    {
        var settings = new ScheduleSettings { Kind = ScheduleKind.Cosine, WarmupSteps = 20 };
        Assert.Equal(Rate, At(settings, 19), 1e-15);
        Assert.Equal(Rate, At(settings, 20), 1e-15);
        Assert.Equal(Rate / 2, At(settings, 60), 1e-15);
        Assert.Equal(0, At(settings, 100), 1e-15);
    }

    // PyTorch's OneCycleLR(max_lr=0.2, total_steps=100): initial 0.2 / 25, top at step 0.3 * 100 - 1 = 29, last 0.2 / 25 / 1e4 at step 99.
    [Theory]
    [InlineData(0, 0.008)]
    [InlineData(29, 0.2)]
    [InlineData(64, (0.2 + 8e-7) / 2)]
    [InlineData(99, 8e-7)]
    public void One_cycle_rises_and_falls(long step, double want) => Assert.Equal(want, At(new() { Kind = ScheduleKind.OneCycle }, step), 1e-15);

    [Fact]
    public void One_cycle_works_for_runs_of_any_length()
    {
        for (int total = 1; total <= 12; total++)
        {
            for (int step = 0; step < total; step++)
                Assert.InRange(LearningRateSchedule.Rate(new() { Kind = ScheduleKind.OneCycle }, Rate, new(step, total, 0, PlateauState.Beginning)), 8e-7 * (1 - 1e-9), Rate);
        }
    }

    [Theory]
    [InlineData(new double[] { }, 1)]
    [InlineData(new double[] { 5, 4, 3, 2, 1 }, 1)]
    [InlineData(new double[] { 5, 5, 5 }, 1)] // two without a better one are borne
    [InlineData(new double[] { 5, 5, 5, 5 }, 0.5)]
    [InlineData(new double[] { 5, 5, 5, 5, 5, 5 }, 0.5)]
    [InlineData(new double[] { 5, 5, 5, 5, 5, 5, 5 }, 0.25)]
    [InlineData(new double[] { 5, 5, 5, 4, 4, 4 }, 1)] // counting begins anew
    [InlineData(new double[] { 5, 5, 5, 4.9999 }, 0.5)] // not better by enough
    [InlineData(new double[] { 5, double.NaN, double.NaN, double.NaN }, 0.5)]
    [InlineData(new double[] { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 }, 0.2)] // 0.125, but for the least
    public void Plateau_reduces_when_validation_has_stopped_improving(double[] losses, double factor) =>
        Assert.Equal(Rate * factor, At(new() { Kind = ScheduleKind.ReduceOnPlateau, DecayFactor = 0.5, LeastFraction = 0.2 }, 1, losses: losses), 1e-15);

    [Fact]
    public void Plateau_does_not_count_while_it_cools_down()
    {
        var settings = new ScheduleSettings { Kind = ScheduleKind.ReduceOnPlateau, DecayFactor = 0.5, Patience = 0, Cooldown = 2 };
        double[] factors = [.. Enumerable.Range(0, 7).Select(count => At(settings, 1, losses: [.. Enumerable.Repeat(5.0, count)]) / Rate)];
        Assert.Equal([1, 1, 0.5, 0.5, 0.5, 0.25, 0.25], factors);
    }

    [Property(MaxTest = 300)]
    public void Plateau_carried_from_validation_to_validation_is_that_of_all_losses_played_through(int seed)
    {
        var random = new Random(seed);
        var settings = new ScheduleSettings
        {
            Kind = ScheduleKind.ReduceOnPlateau,
            DecayFactor = 0.5 + 0.49 * random.NextDouble(),
            LeastFraction = random.Next(2) * 1e-9,
            Patience = random.Next(6),
            Threshold = random.Next(2) * 0.01,
            Cooldown = random.Next(4),
        };
        double[] losses = [.. Enumerable.Range(0, random.Next(200)).Select(i => random.Next(40) == 0 ? double.NaN : (1 + random.NextDouble()) / (1 + random.Next(3) * i))];
        var carried = PlateauState.Beginning;
        for (int i = 0; i < losses.Length; i++)
        {
            Assert.Equal(Replayed(settings, losses[..i]), carried.Factor);
            carried = carried.With(settings, losses[i]);
        }
    }

    [Property(MaxTest = 300)]
    public void Rates_are_never_above_the_one_set_nor_below_zero(int seed)
    {
        var random = new Random(seed);
        var kind = (ScheduleKind)random.Next(6);
        var settings = new ScheduleSettings
        {
            Kind = kind,
            WarmupSteps = kind == ScheduleKind.OneCycle ? 0 : random.Next(50),
            DecayFactor = 0.01 + 0.98 * random.NextDouble(),
            EpochsPerDecay = random.Next(1, 5),
            LeastFraction = random.NextDouble(),
            RiseFraction = 0.01 + 0.98 * random.NextDouble(),
            Patience = random.Next(4),
            Cooldown = random.Next(3),
        };
        double[] losses = [.. Enumerable.Range(0, random.Next(20)).Select(_ => random.NextDouble())];
        Assert.Empty(settings.Validate());

        double rate = LearningRateSchedule.Rate(settings, Rate, new(random.Next(250), random.Next(1, 200), random.Next(30), After(settings, losses)));

        Assert.InRange(rate, 0, Rate * (1 + 1e-15));
    }

    [Fact]
    public void Settings_out_of_range_are_all_told_at_once()
    {
        Assert.All(Enum.GetValues<ScheduleKind>(), kind => Assert.Empty(new ScheduleSettings { Kind = kind }.Validate()));
        var bad = new ScheduleSettings
        {
            Kind = (ScheduleKind)9,
            WarmupSteps = -1,
            DecayFactor = 1,
            EpochsPerDecay = 0,
            LeastFraction = 1.5,
            RiseFraction = double.NaN,
            InitialDivisor = 0.5,
            FinalDivisor = 0,
            Patience = -1,
            Threshold = 1,
            Cooldown = -1,
        };
        Assert.Equal(
            ["warmupSteps", "decayFactor", "epochsPerDecay", "leastFraction", "riseFraction", "initialDivisor", "finalDivisor", "patience", "threshold", "cooldown", "kind"],
            bad.Validate().Select(problem => problem.Name));
        Assert.Equal("warmupSteps", Assert.Single(new ScheduleSettings { Kind = ScheduleKind.OneCycle, WarmupSteps = 5 }.Validate()).Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Rate(new(), Rate, new(0, 0, 0, PlateauState.Beginning)));
    }

    private static double At(ScheduleSettings settings, long step, int epoch = 0, double[]? losses = null) => LearningRateSchedule.Rate(settings, Rate, new(step, 100, epoch, After(settings, losses ?? [])));

    private static PlateauState After(ScheduleSettings settings, double[] losses) => losses.Aggregate(PlateauState.Beginning, (plateau, loss) => plateau.With(settings, loss));

    /// <summary>(17.7) and (17.8), played through all losses from the first.</summary>
    private static double Replayed(ScheduleSettings settings, double[] losses)
    {
        double best = double.PositiveInfinity, factor = 1;
        int without = 0, cooling = 0;
        foreach (double loss in losses)
        {
            if (loss < best * (1 - settings.Threshold))
                (best, without) = (loss, 0);
            else
                without++;
            if (cooling > 0)
                (cooling, without) = (cooling - 1, 0);
            if (without <= settings.Patience)
                continue;
            factor = Math.Max(factor * settings.DecayFactorOrDefault, settings.LeastFraction);
            (without, cooling) = (0, settings.Cooldown);
        }

        return factor;
    }
}
