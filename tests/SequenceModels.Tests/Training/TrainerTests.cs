using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

public sealed class TrainerTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 24, EmbeddingSize = 12, Dropout = 0 };

    [Fact]
    public void A_language_model_of_lines_learns_and_the_best_epoch_is_kept()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(120), Small, new() { Epochs = 12, BatchSize = 8, LearningRate = 0.01, Seed = 3 });

        Assert.Equal(12, outcome.Curve.Count);
        Assert.True(outcome.Curve[^1].TrainingLoss < outcome.Curve[0].TrainingLoss / 2, $"{outcome.Curve[0].TrainingLoss} -> {outcome.Curve[^1].TrainingLoss}");
        var best = outcome.Curve.MinBy(epoch => epoch.ValidationLoss)!;
        Assert.Equal(best.Epoch, outcome.BestEpoch);
        Assert.Equal(best.ValidationLoss, outcome.Metrics["validationLoss"]);

        // The model that comes back is the best one: measured again it gives the same metrics.
        var validation = DataSplitter.Split(TrainingRuns.Lines(120), 0.2, 1).Validation;
        Assert.Equal(outcome.Metrics, outcome.Model.Evaluate(validation, 64, 1, default));
    }

    [Fact]
    public void Carrying_the_state_across_chunks_is_what_the_evaluation_of_a_long_text_does_too()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Text(150), Small, new() { Epochs = 3, BatchSize = 4, SequenceLength = 20, LearningRate = 0.01, Seed = 3 });
        var validation = DataSplitter.Split(TrainingRuns.Text(150), 0.2, 1).Validation;
        double atOnce = outcome.Model.Evaluate(validation, 4000, 1, default)["validationLoss"];
        double again = outcome.Model.Evaluate(validation, 20, 2, default)["validationLoss"];

        // Cut into chunks of 20 the text is read as 32 streams, each begun without a past; in one piece as one stream.
        Assert.Equal(outcome.Metrics["validationLoss"], again);
        Assert.InRange(atOnce, again - 0.3, again);
    }

    [Fact]
    public void A_classifier_learns_a_rule()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, TrainingRuns.Labelled(240), Small, new() { Epochs = 25, BatchSize = 16, LearningRate = 0.01, Seed = 3 });
        Assert.True(outcome.Metrics["accuracy"] >= 0.95, $"accuracy {outcome.Metrics["accuracy"]}");
        Assert.Equal(["dry", "wet"], outcome.Model.Labels);
    }

    [Fact]
    public void Training_ends_early_when_the_validation_loss_no_longer_falls()
    {
        using var outcome = TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(60), Small, new() { Epochs = 500, BatchSize = 8, LearningRate = 0.03, EarlyStoppingPatience = 2, Seed = 3 });
        Assert.Equal("earlyStopping", outcome.StopReason);
        Assert.Equal(outcome.BestEpoch + 2, outcome.Curve.Count);
    }

    [Fact]
    public void Training_ends_with_the_best_so_far_when_time_is_up()
    {
        using var outcome = TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(4000), Small, new() { Epochs = 10_000, BatchSize = 8, EarlyStoppingPatience = 1000, MaxSeconds = 1, Seed = 3 });
        Assert.Equal("maxSeconds", outcome.StopReason);
        Assert.True(outcome.Curve.Count < 10_000);
        Assert.NotEmpty(outcome.Metrics);
    }

    [Fact]
    public void Cancellation_ends_training_within_a_step()
    {
        using var source = new CancellationTokenSource();
        int reports = 0;
        Assert.Throws<OperationCanceledException>(() => TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(60), Small, new() { Epochs = 10_000, BatchSize = 8, EarlyStoppingPatience = 1000, Seed = 3 }, report: Report, cancellationToken: source.Token));
        Assert.True(reports >= 3);

        void Report(TrainingProgress progress)
        {
            if (++reports == 3)
                source.Cancel();
        }
    }

    [Fact]
    public void A_run_that_diverges_says_so()
    {
        var failure = Assert.Throws<TrainingDivergedException>(() => TrainingRuns.Train(
            TaskKind.Classification, TrainingRuns.Labelled(60), Small, new() { Epochs = 3, BatchSize = 8, LearningRate = 1e38, GradientClipNorm = 1e6, Seed = 3 }));
        Assert.Contains("learning rate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_counts_up_to_the_end_of_every_epoch()
    {
        var reports = new List<TrainingProgress>();
        using var outcome = TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(60), Small, new() { Epochs = 3, BatchSize = 8, Seed = 3 }, report: reports.Add);
        var ends = reports.Where(report => report.EpochEnded).ToList();

        Assert.Equal([1, 2, 3], ends.Select(report => report.Epoch));
        Assert.Equal([6L, 12L, 18L], ends.Select(report => report.Step));
        Assert.All(ends, report => Assert.Equal(18, report.TotalSteps));
        Assert.Equal(ends[^1].BestValidationLoss, outcome.Metrics["validationLoss"]);
        Assert.Equal(outcome.Tokens, 3 * DataSplitter.Split(TrainingRuns.Lines(60), 0.2, 1).Training is TrainingData.Lines lines ? 3 * lines.Items.Sum(line => line.Length + 1) : -1);
    }
}
