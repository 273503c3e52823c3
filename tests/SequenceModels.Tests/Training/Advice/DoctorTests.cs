using SequenceModels.Tasks;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace SequenceModels.Tests.Training.Advice;

/// <summary>Each piece of advice on measurements that are written down: just short of it and just beyond.</summary>
public sealed class DoctorTests
{
    private static readonly RunFacts Facts = new()
    {
        Task = TaskKind.LanguageModel,
        Parameters = 1000,
        ValidationTargets = 10_000,
        GuessLoss = 3.3,
        FrequencyLoss = 2.9,
        PairLoss = 2.4,
        LearningRate = 0.002,
        GradientClipNorm = 5,
    };

    [Fact]
    public void A_rising_validation_loss_beside_a_falling_training_loss_is_overfitting()
    {
        Assert.Empty(Examine(Curve((1.5, 1.5), (1.0, 1.2), (0.8, 1.25), (0.7, 1.31))));
        Assert.Empty(Examine(Curve((1.5, 1.5), (1.0, 1.2), (1.05, 1.3), (1.1, 1.5))));
        Assert.Empty(Examine(Curve((1.5, 1.5), (1.0, 1.2), (0.6, 1.5))));
        var advice = Assert.Single(Examine(Curve((1.5, 1.5), (1.0, 1.2), (0.8, 1.25), (0.6, 1.4))));
        Assert.Equal(AdviceKind.Overfitting, advice.Kind);
        Assert.Equal(2, advice.Figures["bestEpoch"]);
    }

    [Fact]
    public void A_training_loss_that_stands_still_where_counting_pairs_leads_is_underfitting()
    {
        Assert.Empty(Examine(Curve((3.0, 3.0), (2.5, 2.5), (2.45, 2.45), (2.44, 2.44))));
        Assert.Equal(AdviceKind.Underfitting, Assert.Single(Examine(Curve((3.0, 3.0), (2.45, 2.5), (2.44, 2.45), (2.43, 2.44), (2.43, 2.44), (2.42, 2.44)))).Kind);
        // As still, but better than what it is compared with.
        Assert.Empty(Examine(Curve((3.0, 3.0), (2.05, 2.5), (2.04, 2.45), (2.03, 2.44), (2.03, 2.44), (2.02, 2.44))));
        // At the end of the run the loss need not stand still.
        Assert.Empty(new TrainingDoctor(Facts, []).Examine(Curve((3.0, 3.0), (2.6, 2.6)), null, ended: false));
        Assert.Equal(AdviceKind.Underfitting, Assert.Single(new TrainingDoctor(Facts, []).Examine(Curve((3.0, 3.0), (2.6, 2.6)), null, ended: true)).Kind);
        // Where neighbours tell nothing of each other there is nothing to learn.
        Assert.Empty(new TrainingDoctor(Facts with { PairLoss = 2.88 }, []).Examine(Curve((3.0, 3.0), (2.9, 2.9)), null, ended: true));
    }

    [Fact]
    public void Gradients_far_above_the_clip_explode_and_gradients_of_nothing_vanish()
    {
        Assert.Empty(Examine([Point(1, 2, 2, norm: 99)]));
        Assert.Equal(AdviceKind.ExplodingGradients, Assert.Single(Examine([Point(1, 2, 2, norm: 101)])).Kind);
        Assert.Empty(Examine([Point(1, 2, 2, norm: double.PositiveInfinity)]));
        Assert.Empty(Examine([Point(1, 2, 2, norm: double.NaN)]));
        Assert.Empty(Examine([Point(1, 3, 3, norm: 2e-4)]));
        Assert.Empty(Examine([Point(1, 0.01, 0.01, norm: 1e-6)]));
        Assert.Equal(AdviceKind.VanishingGradients, Assert.Single(Examine([Point(1, 3, 3, norm: 5e-5)])).Kind);
    }

    [Fact]
    public void Units_that_never_change_or_never_leave_the_ends_are_named()
    {
        IReadOnlyList<TrainingAdvice> Of(int inactive, int saturated) => new TrainingDoctor(Facts, []).Examine([Point(1, 2, 2)], new UnitActivity(100, 1000, inactive, saturated), ended: false);
        Assert.Empty(Of(24, 49));
        Assert.Equal(AdviceKind.InactiveUnits, Assert.Single(Of(25, 0)).Kind);
        Assert.Equal(AdviceKind.SaturatedUnits, Assert.Single(Of(0, 50)).Kind);
    }

    [Fact]
    public void Labels_that_are_rare_and_data_that_are_few_are_told_before_the_first_update()
    {
        var labelled = Facts with { Task = TaskKind.Classification, ValidationTargets = 30, LabelCounts = new Dictionary<string, long> { ["a"] = 190, ["b"] = 10 } };
        Assert.Empty(new TrainingDoctor(labelled, []).ExamineData());
        Assert.Equal(AdviceKind.SmallValidation, Assert.Single(new TrainingDoctor(labelled with { ValidationTargets = 29 }, []).ExamineData()).Kind);
        var rare = labelled with { LabelCounts = new Dictionary<string, long> { ["a"] = 200, ["b"] = 10 } };
        Assert.Equal(AdviceKind.UnbalancedClasses, Assert.Single(new TrainingDoctor(rare, []).ExamineData()).Kind);
        Assert.Empty(new TrainingDoctor(rare with { WeighsClasses = true }, []).ExamineData());
        Assert.Empty(new TrainingDoctor(Facts with { ValidationTargets = 500 }, []).ExamineData());
        Assert.Equal(AdviceKind.SmallValidation, Assert.Single(new TrainingDoctor(Facts with { ValidationTargets = 499 }, []).ExamineData()).Kind);
    }

    [Fact]
    public void Everything_is_said_once_and_of_a_divergence_no_consequence()
    {
        var curve = Curve((1.5, 1.5), (1.0, 1.2), (0.8, 1.25), (0.6, 1.4));
        var doctor = new TrainingDoctor(Facts, []);
        Assert.Single(doctor.Examine(curve, null, ended: false));
        Assert.Empty(doctor.Examine(curve, null, ended: true));
        Assert.Empty(new TrainingDoctor(Facts, [AdviceKind.Overfitting]).Examine(curve, null, ended: false));

        var diverged = new TrainingDoctor(Facts, []);
        var divergence = new Divergence(2, 77, double.NaN, 0.4);
        var advice = Assert.Single(diverged.Examine(divergence));
        Assert.Equal((AdviceKind.DivergingLoss, 77), (advice.Kind, advice.Figures["step"]));
        Assert.DoesNotContain("trainingLoss", advice.Figures.Keys);
        Assert.Empty(diverged.Examine(divergence));
        Assert.Empty(diverged.Examine([Point(1, 4, 4, norm: 1000)], new UnitActivity(10, 1000, 5, 5), ended: true));
    }

    [Fact]
    public void Losses_that_are_no_numbers_or_long_worse_than_a_guess_diverge()
    {
        Assert.True(default(LossWatch).With(double.NaN).Diverges(3));
        Assert.True(default(LossWatch).With(1).With(double.PositiveInfinity).With(1).Diverges(3));
        var watch = default(LossWatch).With(2.9);
        for (int update = 2; update < 5; update++)
        {
            watch = watch.With(9);
            Assert.False(watch.Diverges(3), $"at update {update}");
        }

        Assert.True(watch.With(9).Diverges(3));
        Assert.False(watch.With(9).Diverges(6));
        // Fading to 0.9 each: the oldest of 5 losses is worth 0.6561.
        Assert.Equal(((0.6561 * 2.9) + (9 * (1 + 0.9 + 0.81 + 0.729))) / (1 + 0.9 + 0.81 + 0.729 + 0.6561), watch.With(9).Mean, 1e-12);
        // A network that begins far above a guess has only begun badly.
        Assert.False(Enumerable.Repeat(9d, 20).Aggregate(default(LossWatch), (losses, loss) => losses.With(loss)).Diverges(3));
    }

    private static IReadOnlyList<TrainingAdvice> Examine(IReadOnlyList<EpochMetrics> curve) => new TrainingDoctor(Facts, []).Examine(curve, null, ended: false);

    private static IReadOnlyList<EpochMetrics> Curve(params (double Training, double Validation)[] losses) => [.. losses.Select((loss, i) => Point(i + 1, loss.Training, loss.Validation))];

    private static EpochMetrics Point(int epoch, double training, double validation, double norm = 1) => new(epoch, training, validation, null, 0.002, norm, 0, epoch * 10, true);
}
