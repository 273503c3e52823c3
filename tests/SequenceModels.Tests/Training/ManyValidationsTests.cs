using SequenceModels.Optimizers;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>Runs of more validations than a learning curve keeps: what they decide they decide by all of them, and what they carry stays as large as it is.</summary>
public sealed class ManyValidationsTests
{
    private static readonly ArchitectureRequest Tiny = new() { HiddenSize = 2, EmbeddingSize = 2, Dropout = 0 };
    private static readonly TrainingRequest Settings = new() { Epochs = 640, BatchSize = 1, ValidateEverySteps = 1, EarlyStoppingPatience = 1000, LearningRate = 0.05, Seed = 5 };

    [Fact]
    public void A_plateau_lowers_the_rate_by_all_validations_and_the_best_epoch_ends_the_run()
    {
        var schedule = new ScheduleSettings { Kind = ScheduleKind.ReduceOnPlateau, DecayFactor = 0.97, Patience = 30, Cooldown = 3 };
        var watching = new Watching();
        using var outcome = Runs(Settings with { Schedule = schedule, EarlyStoppingPatience = 600, Epochs = 2000 }).Train(watching, null, 1)!;
        var all = watching.Points;
        AssertIsBounded(outcome, watching);
        Assert.Equal("earlyStopping", outcome.StopReason);
        Assert.Equal((outcome.BestEpoch, outcome.BestEpoch + 600), (all.MinBy(point => point.ValidationLoss)!.Epoch, all[^1].Epoch));

        double best = double.PositiveInfinity, rate = 0.05;
        int without = 0, cooling = 0, late = 0;
        for (int i = 0; i < all.Count; i++)
        {
            Assert.Equal(rate, all[i].LearningRate, 1e-15); // of the update before this validation
            (best, without) = all[i].ValidationLoss < best * (1 - schedule.Threshold) ? (all[i].ValidationLoss, 0) : (best, without + 1);
            (cooling, without) = cooling > 0 ? (cooling - 1, 0) : (cooling, without);
            if (without > schedule.Patience)
                (rate, without, cooling, late) = (rate * 0.97, 0, schedule.Cooldown, i > ThinnedCurve.Most ? late + 1 : late);
        }

        Assert.True(late > 2, $"{late} reductions beyond the bound.");
    }

    [Theory]
    [InlineData(0.05, 3, false)]
    [InlineData(0.08, 1000, true)]
    public void Averaging_starts_by_all_validations(double rate, int patience, bool beyond)
    {
        var watching = new Watching();
        using var outcome = Runs(Settings with { Epochs = 720, LearningRate = rate, Optimizer = new() { Rule = UpdateRule.AveragedSgd, AveragingPatience = patience } }).Train(watching, null, 1)!;
        AssertIsBounded(outcome, watching);
        double least = double.PositiveInfinity;
        long? start = null;
        for (int i = 0; i < watching.Points.Count && start is null; i++)
        {
            if (i > patience)
                least = Math.Min(least, watching.Points[i - patience - 1].ValidationLoss);
            start = watching.Points[i].ValidationLoss > least ? watching.Points[i].Step : null;
        }

        Assert.Equal(beyond, start > ThinnedCurve.Most);
        watching.Last!.Position = 0;
        Assert.Equal(start, TrainingCheckpoint.Read(watching.Last).State.Counts.AveragingStart);
    }

    public static TheoryData<OptimizerSettings, ScheduleSettings> Rules => new()
    {
        { new() { Rule = UpdateRule.AveragedSgd, AveragingPatience = 700 }, new() },
        { new(), new() { Kind = ScheduleKind.ReduceOnPlateau, DecayFactor = 0.9, Patience = 40 } },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Interrupted_beyond_the_bound_a_run_gives_the_same_bits_and_the_same_curve(OptimizerSettings rule, ScheduleSettings schedule)
    {
        var runs = Runs(Settings with { Optimizer = rule, Schedule = schedule });
        using var whole = runs.Whole();
        // A run is asked before each update and before each validation.
        using var interrupted = runs.Interrupted(2 * ThinnedCurve.Most - 1, 2 * ThinnedCurve.Most + 2, 2 * ThinnedCurve.Most + 1235);
        InterruptedRuns.AssertSame(whole, interrupted);
        Assert.Equal(whole.Validations, interrupted.Validations);
        Assert.InRange(whole.Validations, ThinnedCurve.Most + 700, int.MaxValue);
    }

    private static InterruptedRuns Runs(TrainingRequest settings) => new("lines", Tiny, settings, sentences: 10);

    private static void AssertIsBounded(TrainingOutcome outcome, Watching watching)
    {
        var all = watching.Points;
        Assert.InRange(all.Count, ThinnedCurve.Most + 500, int.MaxValue);
        Assert.Equal(all.Count, outcome.Validations);
        Assert.InRange(outcome.Curve.Count, ThinnedCurve.Most / 2, ThinnedCurve.Most);
        Assert.Equal(ThinnedCurve.Most, watching.Most);
        Assert.Equal(all[0], outcome.Curve[0]);
        Assert.Equal(all[^1], outcome.Curve[^1]);
        Assert.Equal(all.MinBy(point => point.ValidationLoss), outcome.Curve.MinBy(point => point.ValidationLoss));
        Assert.Equal(outcome.Curve.OrderBy(point => point.Step), outcome.Curve);
        Assert.Equal(outcome.Curve.Count, outcome.Curve.Intersect(all).Count());
        Assert.InRange(watching.Last!.Length, 1, 400 * ThinnedCurve.Most);
    }

    /// <summary>Remembers every validation, and the checkpoint at the end.</summary>
    private sealed class Watching : TrainingControl
    {
        public List<EpochMetrics> Points { get; } = [];

        public int Most { get; private set; }

        public MemoryStream? Last { get; private set; }

        public override void Validated(ValidatedWeights validated)
        {
            Points.Add(validated.Point);
            Most = Math.Max(Most, validated.Curve.Count);
        }

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            if (moment.Ended)
                moment.WriteCheckpoint(Last = new MemoryStream());
            return TrainingDecision.Continue;
        }
    }
}
