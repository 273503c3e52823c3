using SequenceModels.Data;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>Several batches in one update are one large batch, whatever the lengths of their sequences and the weights of their labels.</summary>
public sealed class GradientAccumulationTests
{
    // Sums in another order, over five updates.
    private const float Tolerance = 2e-5f;

    private static readonly ArchitectureRequest Small = new() { HiddenSize = 16, EmbeddingSize = 8, Dropout = 0 };

    public static TheoryData<string, TrainingRequest> Cases => new()
    {
        { "lines", new() },
        { "lines", new() { GradientClipNorm = 0.05 } },
        { "lines", new() { GradientClipValue = 0.01 } },
        { "lines", new() { LabelSmoothing = 0.2 } },
        { "labelled", new() },
        { "labelled", new() { ClassWeighting = ClassWeighting.Balanced, LabelSmoothing = 0.1 } },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Four_batches_of_six_are_one_batch_of_twenty_four(string kind, TrainingRequest options)
    {
        var (task, data) = kind == "lines" ? (TaskKind.LanguageModel, TrainingRuns.Lines(30)) : (TaskKind.Classification, TrainingRuns.Labelled(30));
        var settings = options with { Epochs = 5, Optimizer = new() { Rule = UpdateRule.Sgd }, LearningRate = 0.5, EarlyStoppingPatience = 1000, Seed = 3 };
        var (training, _) = DataSplitter.Split(data, 0.2, 1);
        Assert.Equal(24, training is TrainingData.Lines lines ? lines.Items.Count : ((TrainingData.Labelled)training).Items.Count);

        using var whole = TrainingRuns.Train(task, data, Small, settings with { BatchSize = 24 });
        using var parts = TrainingRuns.Train(task, data, Small, settings with { BatchSize = 6, GradientAccumulation = 4 });
        using var apart = TrainingRuns.Train(task, data, Small, settings with { BatchSize = 6 });

        Assert.Equal(whole.Curve[^1].TrainingLoss, parts.Curve[^1].TrainingLoss, Tolerance);
        Assert.Equal(whole.Curve[^1].GradientNorm, parts.Curve[^1].GradientNorm, 5 * Tolerance);
        double Distance(TrainingOutcome other) => whole.Model.Parameters.Parameters.Max(parameter =>
            parameter.Values.ToArray().Zip(other.Model.Parameters[parameter.Name].Values.ToArray(), (left, right) => Math.Abs(left - right)).Max());
        Assert.InRange(Distance(parts), 0, Tolerance);
        Assert.True(Distance(apart) > 100 * Tolerance, $"Single batches are {Distance(apart)} away.");
    }

    [Fact]
    public void Progress_counts_updates_and_the_last_one_of_an_epoch_takes_what_is_left()
    {
        var reports = new List<TrainingProgress>();
        var settings = new TrainingRequest { Epochs = 2, BatchSize = 5, GradientAccumulation = 3, Seed = 3 };
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), Small, settings, report: reports.Add);

        // 48 lines are ten batches, hence four updates.
        Assert.Equal([4L, 8L], reports.Where(report => report.EpochEnded).Select(report => report.Step));
        Assert.Equal(8, reports[^1].TotalSteps);
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(60), 0.2, 1);
        Assert.Equal(4, TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, Small, settings).StepsPerEpoch);
        Assert.Equal(2 * ((TrainingData.Lines)training).Items.Sum(line => line.Length + 1), outcome.Tokens);
    }
}
