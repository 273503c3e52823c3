using SequenceModels.Data;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>The training loop with every update rule and every schedule.</summary>
public sealed class OptimizerTrainingTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 24, EmbeddingSize = 12, Dropout = 0 };

    public static TheoryData<string, OptimizerSettings> Rules => new()
    {
        { "adam", new() },
        { "adam with AMSGrad", new() { AmsGrad = true, Beta1 = 0.8 } },
        { "adamW", new() { DecoupledWeightDecay = true, WeightDecay = 0.01 } },
        { "sgd", new() { Rule = UpdateRule.Sgd } },
        { "sgd with Nesterov's momentum", new() { Rule = UpdateRule.Sgd, Momentum = 0.9, Nesterov = true, WeightDecay = 1e-5 } },
        { "averaged sgd", new() { Rule = UpdateRule.AveragedSgd, AveragingPatience = 0 } },
        { "rmsProp", new() { Rule = UpdateRule.RmsProp } },
        { "centred rmsProp with momentum", new() { Rule = UpdateRule.RmsProp, Centered = true, Momentum = 0.5, SquareDecay = 0.95 } },
        { "adagrad", new() { Rule = UpdateRule.Adagrad } },
    };

    public static TheoryData<ScheduleSettings> Schedules => new()
    {
        new() { WarmupSteps = 20 },
        new ScheduleSettings { Kind = ScheduleKind.Step, EpochsPerDecay = 4, DecayFactor = 0.5 },
        new ScheduleSettings { Kind = ScheduleKind.Exponential },
        new ScheduleSettings { Kind = ScheduleKind.Cosine, WarmupSteps = 10, LeastFraction = 0.01 },
        new ScheduleSettings { Kind = ScheduleKind.OneCycle },
        new ScheduleSettings { Kind = ScheduleKind.ReduceOnPlateau, Patience = 1 },
    };

    /// <summary>The learning rate is the one that the planner chooses for the rule.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_rule_learns_with_its_automatic_rate(string name, OptimizerSettings optimizer)
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(120), Small, new() { Epochs = 12, BatchSize = 8, Optimizer = optimizer, Seed = 3 });
        double first = outcome.Curve[0].ValidationLoss, last = outcome.Metrics["validationLoss"];
        Assert.True(last < first / 2, $"{name}: {first} -> {last}");
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Every_schedule_learns_and_its_rates_are_told(ScheduleSettings schedule)
    {
        const double rate = 0.01;
        using var outcome = TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(120), Small, new() { Epochs = 12, BatchSize = 8, LearningRate = rate, Schedule = schedule, EarlyStoppingPatience = 1000, Seed = 3 });
        double first = outcome.Curve[0].ValidationLoss, last = outcome.Metrics["validationLoss"];
        Assert.True(last < 0.6 * first, $"{schedule.Kind}: {first} -> {last}");

        // 96 lines in batches of 8 are 12 updates an epoch.
        double[] losses = [.. outcome.Curve.Select(epoch => epoch.ValidationLoss)];
        Assert.All(outcome.Curve, point => Assert.Equal(
            LearningRateSchedule.Rate(schedule, rate, new(12 * point.Epoch - 1, 144, point.Epoch - 1, losses[..(point.Epoch - 1)].Aggregate(PlateauState.Beginning, (plateau, loss) => plateau.With(schedule, loss)))), point.LearningRate));
    }

    [Fact]
    public void A_plateau_lowers_the_rate_from_the_next_epoch_on()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(40), Small, new()
        {
            Epochs = 60,
            BatchSize = 8,
            LearningRate = 0.03,
            Schedule = new() { Kind = ScheduleKind.ReduceOnPlateau, DecayFactor = 0.5, Patience = 1 },
            EarlyStoppingPatience = 1000,
            Seed = 3,
        });
        double best = double.PositiveInfinity;
        int without = 0, reductions = 0;
        for (int i = 0; i < outcome.Curve.Count - 1; i++)
        {
            double loss = outcome.Curve[i].ValidationLoss;
            (best, without) = loss < best * (1 - 1e-4) ? (loss, 0) : (best, without + 1);
            bool reduced = without > 1;
            Assert.Equal(outcome.Curve[i].LearningRate * (reduced ? 0.5 : 1), outcome.Curve[i + 1].LearningRate);
            (without, reductions) = reduced ? (0, reductions + 1) : (without, reductions);
        }

        Assert.True(reductions >= 2, $"{reductions} reductions in {outcome.Curve.Count} epochs.");
    }

    [Fact]
    public void Averaging_starts_when_validation_stops_improving_and_the_averages_are_what_is_measured_and_kept()
    {
        const int patience = 2;
        using var plain = Run(new() { Rule = UpdateRule.Sgd });
        using var averaged = Run(new() { Rule = UpdateRule.AveragedSgd, AveragingPatience = patience });

        double[] losses = [.. averaged.Curve.Select(epoch => epoch.ValidationLoss)];
        int start = Enumerable.Range(1, losses.Length).First(count => count > patience + 1 && losses[count - 1] > losses[..(count - 1 - patience)].Min());
        Assert.InRange(start, patience + 2, losses.Length - 2);

        // What is trained goes on as if nothing were averaged; what is measured is another network from the trigger on.
        Assert.Equal(plain.Curve.Select(epoch => epoch.TrainingLoss), averaged.Curve.Select(epoch => epoch.TrainingLoss));
        Assert.Equal(plain.Curve.Take(start).Select(epoch => epoch.ValidationLoss), losses.Take(start));
        Assert.All(plain.Curve.Skip(start), epoch => Assert.NotEqual(epoch.ValidationLoss, losses[epoch.Epoch - 1]));
        Assert.True(averaged.BestEpoch > start, $"{averaged.BestEpoch} {start}");

        // The steps are large: the points jump about, their mean does not.
        Assert.True(Rises(averaged) == 0 && Rises(plain) > 3, $"{Rises(averaged)} {Rises(plain)}");
        var validation = DataSplitter.Split(TrainingRuns.Lines(120), 0.2, 1).Validation;
        Assert.Equal(averaged.Metrics, averaged.Model.Evaluate(validation, 512, 1, default));

        int Rises(TrainingOutcome outcome) => outcome.Curve.Skip(start + 1).Zip(outcome.Curve.Skip(start + 2)).Count(pair => pair.Second.ValidationLoss > pair.First.ValidationLoss);
        static TrainingOutcome Run(OptimizerSettings optimizer) => TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(120), Small, new() { Epochs = 30, BatchSize = 4, LearningRate = 3, EarlyStoppingPatience = 1000, Optimizer = optimizer, Seed = 3 });
    }

    [Fact]
    public void Waiting_rules_and_schedules_get_the_patience_that_they_need()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(50), 0.2, 1);
        int Patience(TrainingRequest request) => TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, settings: request with { Seed = 1 }).Training.EarlyStoppingPatience;

        int plain = Patience(new());
        Assert.Equal(plain + 6, Patience(new() { Optimizer = new() { Rule = UpdateRule.AveragedSgd } }));
        Assert.Equal(plain + 4, Patience(new() { Schedule = new() { Kind = ScheduleKind.ReduceOnPlateau, Patience = 3 } }));
        Assert.Equal(2, Patience(new() { Schedule = new() { Kind = ScheduleKind.ReduceOnPlateau }, EarlyStoppingPatience = 2 }));
    }

    [Fact]
    public void Numbers_out_of_their_ranges_are_refused_before_training()
    {
        var failure = Assert.Throws<ArgumentException>(() => TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(40), Small, new() { Epochs = 1, Schedule = new() { Kind = ScheduleKind.Step, EpochsPerDecay = 0 }, Seed = 1 }));
        Assert.Contains("epochsPerDecay", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ArgumentException>(() => TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(40), Small, new() { Epochs = 1, Optimizer = new() { Beta1 = 1 }, Seed = 1 }));
        Assert.Contains("beta1", failure.Message, StringComparison.Ordinal);
    }
}
