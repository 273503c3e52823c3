using SequenceModels.Data;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>What the one who watches a run sees of it, and how it steers it.</summary>
public sealed class TrainingControlTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 24, EmbeddingSize = 12, Dropout = 0 };

    [Fact]
    public void It_is_asked_before_each_update_and_each_validation_and_when_the_run_has_ended()
    {
        var control = new Recording();
        using var outcome = Train(control, new() { Epochs = 2, BatchSize = 8, Seed = 3 });

        // 48 lines in batches of 8 are 6 updates; each epoch is validated.
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 12], control.Steps);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2], control.Epochs);
        Assert.Equal(control.Steps.Count - 1, control.Ended.FindIndex(ended => ended));
        Assert.Equal(outcome!.Curve, control.Points);
    }

    [Fact]
    public void Validations_within_epochs_are_points_of_the_curve_and_may_give_the_best_weights()
    {
        var control = new Recording();
        using var outcome = Train(control, new() { Epochs = 4, BatchSize = 8, ValidateEverySteps = 4, LearningRate = 0.1, EarlyStoppingPatience = 1000, Seed = 3 });

        Assert.Equal([4, 6, 8, 12, 16, 18, 20, 24], outcome!.Curve.Select(point => point.Step));
        Assert.Equal([1, 1, 2, 2, 3, 3, 4, 4], outcome.Curve.Select(point => point.Epoch));
        Assert.Equal([false, true, false, true, false, true, false, true], outcome.Curve.Select(point => point.EpochEnded));
        Assert.Equal(outcome.Curve.Min(point => point.ValidationLoss), outcome.Metrics["validationLoss"]);
        double least = double.PositiveInfinity;
        Assert.All(outcome.Curve.Zip(control.Best), point =>
        {
            Assert.Equal(point.First.ValidationLoss < least, point.Second);
            least = Math.Min(least, point.First.ValidationLoss);
        });
    }

    [Fact]
    public void Validating_more_often_changes_no_weight_of_a_run_whose_rate_does_not_depend_on_it()
    {
        var settings = new TrainingRequest { Epochs = 3, BatchSize = 8, Seed = 3 };
        using var plain = Train(new Recording(), settings);
        using var watched = Train(new Recording(), settings with { ValidateEverySteps = 1 });
        Assert.Equal(plain!.Curve.Select(point => point.ValidationLoss), watched!.Curve.Where(point => point.EpochEnded).Select(point => point.ValidationLoss));
    }

    [Theory]
    [InlineData(UpdateRule.Adam)]
    [InlineData(UpdateRule.AveragedSgd)]
    public void The_model_of_a_validation_has_the_weights_that_were_measured(UpdateRule rule)
    {
        var control = new Copying();
        using var outcome = Train(control, new() { Epochs = 6, BatchSize = 8, SequenceLength = 512, Optimizer = new() { Rule = rule, AveragingPatience = 0 }, LearningRate = rule == UpdateRule.Adam ? 0.03 : 3, EarlyStoppingPatience = 1000, Seed = 3 });
        var validation = DataSplitter.Split(TrainingRuns.Lines(60), 0.2, 1).Validation;
        foreach (var (point, model) in outcome!.Curve.Zip(control.Models))
            Assert.Equal(point.ValidationLoss, model.Evaluate(validation, 512, 1, default)["validationLoss"]);
        Assert.Equal(TrainingRuns.Hash(outcome.Model), TrainingRuns.Hash(control.Models[outcome.BestEpoch - 1]));
        control.Models.ForEach(model => model.Dispose());
    }

    [Fact]
    public void A_paused_run_has_no_outcome()
    {
        var control = new Recording { At = 5, Then = TrainingDecision.Pause };
        Assert.Null(Train(control, new() { Epochs = 2, BatchSize = 8, Seed = 3 }));
        Assert.Equal(5, control.Steps[^1]);
    }

    [Fact]
    public void A_run_that_is_finished_early_validates_a_last_time_and_gives_the_best()
    {
        var control = new Recording { At = 9, Then = TrainingDecision.Finish };
        using var outcome = Train(control, new() { Epochs = 2, BatchSize = 8, Seed = 3 });
        Assert.Equal("stopped", outcome!.StopReason);
        Assert.Equal([6, 9], outcome.Curve.Select(point => point.Step));
        Assert.Equal(outcome.Curve.Min(point => point.ValidationLoss), outcome.Metrics["validationLoss"]);
    }

    [Fact]
    public void A_validation_under_way_is_given_up_for_one_in_a_hurry_and_done_again()
    {
        var settings = new TrainingRequest { Epochs = 2, BatchSize = 8, Seed = 3 };
        using var plain = Train(new Recording(), settings);
        var control = new Hurrying();
        using var outcome = Train(control, settings);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 6, 6, 7, 8, 9, 10, 11, 12, 12, 12], control.Steps);
        Assert.Equal(TrainingRuns.Hash(plain!.Model), TrainingRuns.Hash(outcome!.Model));
    }

    private static TrainingOutcome? Train(TrainingControl control, TrainingRequest settings)
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(60), 0.2, 1);
        return new Trainer(2).Train(TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, Small, settings), training, validation, control, from: null, CancellationToken.None);
    }

    private class Recording : TrainingControl
    {
        public long At { get; init; } = -1;

        public TrainingDecision Then { get; init; }

        public List<long> Steps { get; } = [];

        public List<int> Epochs { get; } = [];

        public List<bool> Ended { get; } = [];

        public List<EpochMetrics> Points { get; } = [];

        public List<bool> Best { get; } = [];

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            Steps.Add(moment.Step);
            Epochs.Add(moment.Epoch);
            Ended.Add(moment.Ended);
            return moment.Step == At ? Then : TrainingDecision.Continue;
        }

        public override void Validated(ValidatedWeights validated)
        {
            Points.Add(validated.Point);
            Best.Add(validated.IsBest);
        }
    }

    private sealed class Copying : TrainingControl
    {
        public List<SequenceModel> Models { get; } = [];

        public override void Validated(ValidatedWeights validated) => Models.Add(validated.CopyModel());
    }

    /// <summary>Always in a hurry, and never with a wish.</summary>
    private sealed class Hurrying : Recording
    {
        public override CancellationToken Hurry => new(canceled: true);
    }
}
