using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>What else than the plain cross-entropy is minimised.</summary>
public sealed class ObjectiveTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 16, EmbeddingSize = 8, Dropout = 0 };

    /// <summary>1 of 20 is rare. A rare text has the sign in 4 of 5 cases, a common one in 1 of 5: it speaks for rare, but not against odds of 19 to 1.</summary>
    private static TrainingData Rare => new TrainingData.Labelled([.. Enumerable.Range(0, 1200).Select(i =>
    {
        bool rare = i % 20 == 0, sign = i / 20 % 5 == 0 ? !rare : rare;
        return new LabelledText($"{TrainingRuns.Sentences(8)[i / 20 % 8]} {(sign ? "indeed" : "perhaps")}", rare ? "rare" : "common");
    })]);

    [Fact]
    public void Class_weights_change_what_is_learned_of_95_to_5()
    {
        var settings = new TrainingRequest { Epochs = 8, BatchSize = 32, LearningRate = 0.01, Seed = 3 };
        using var plain = TrainingRuns.Train(TaskKind.Classification, Rare, Small, settings);
        using var balanced = TrainingRuns.Train(TaskKind.Classification, Rare, Small, settings with { ClassWeighting = ClassWeighting.Balanced });
        using var given = TrainingRuns.Train(
            TaskKind.Classification, Rare, Small, settings with { ClassWeights = new Dictionary<string, double> { ["rare"] = 10, ["common"] = 1200.0 / (2 * 1140) } });

        // Without weights the majority always wins; with them the sign decides.
        Assert.Equal(0.95, plain.Metrics["accuracy"], 0.005);
        Assert.Equal(["common", "common"], Labels(plain));
        Assert.Equal(["rare", "common"], Labels(balanced));
        Assert.InRange(balanced.Metrics["accuracy"], 0.7, 0.9);

        // 960 examples to learn from have the same shares: N / (K n).
        Assert.Equal(TrainingRuns.Hash(balanced.Model), TrainingRuns.Hash(given.Model));

        static string[] Labels(TrainingOutcome outcome) =>
            [.. ((SequenceClassifier)outcome.Model).Classify(["the stone finds the river indeed", "the stone finds the river perhaps"], default).Select(result => result.Label)];
    }

    [Fact]
    public void A_plan_tells_the_weights_of_all_labels()
    {
        var (training, validation) = DataSplitter.Split(Rare, 0.2, 1);
        TrainingPlan Plan(TrainingRequest request) => TrainingRuns.Plan(TaskKind.Classification, training, validation, settings: request with { Seed = 1 });

        Assert.Null(Plan(new()).Training.ClassWeights);
        Assert.Null(Plan(new() { ClassWeighting = ClassWeighting.None }).Training.ClassWeights);
        var balanced = Plan(new() { ClassWeighting = ClassWeighting.Balanced }).Training.ClassWeights!;
        Assert.Equal([("common", 960.0 / (2 * 912)), ("rare", 10.0)], balanced.Select(weight => (weight.Key, weight.Value)));
        Assert.Equal([("common", 1.0), ("rare", 3.0)], Plan(new() { ClassWeights = new Dictionary<string, double> { ["rare"] = 3 } }).Training.ClassWeights!.Select(weight => (weight.Key, weight.Value)));

        var strange = TrainingPlanner.Resolve(TaskKind.Classification, training, validation, new(), new() { Seed = 1, ClassWeights = new Dictionary<string, double> { ["scarce"] = 3 } });
        Assert.Contains("scarce", strange.Refusal, StringComparison.Ordinal);
        (training, validation) = DataSplitter.Split(TrainingRuns.Lines(20), 0.2, 1);
        var languageModel = TrainingPlanner.Resolve(TaskKind.LanguageModel, training, validation, new(), new() { Seed = 1, ClassWeighting = ClassWeighting.Balanced });
        Assert.Contains("classification", languageModel.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TaskKind.LanguageModel)]
    [InlineData(TaskKind.Classification)]
    public void Smoothed_labels_make_a_network_less_sure_and_are_not_measured_with(TaskKind task)
    {
        var data = task == TaskKind.LanguageModel ? TrainingRuns.Lines(120) : TrainingRuns.Labelled(120);
        var settings = new TrainingRequest { Epochs = 15, BatchSize = 8, LearningRate = 0.01, EarlyStoppingPatience = 1000, Seed = 3 };
        using var plain = TrainingRuns.Train(task, data, Small, settings);
        using var smoothed = TrainingRuns.Train(task, data, Small, settings with { LabelSmoothing = 0.2 });

        // No prediction brings the smoothed loss below the entropy of its targets.
        int classes = task == TaskKind.LanguageModel ? smoothed.Model.Tokenizer.Vocabulary.Count : 2;
        double right = 0.8 + 0.2 / classes, wrong = 0.2 / classes, entropy = -right * Math.Log(right) - (classes - 1) * wrong * Math.Log(wrong);
        Assert.True(smoothed.Curve[^1].TrainingLoss > entropy && plain.Curve[^1].TrainingLoss < entropy, $"{smoothed.Curve[^1].TrainingLoss}, {plain.Curve[^1].TrainingLoss}, {entropy}");
        var validation = DataSplitter.Split(data, 0.2, 1).Validation;
        Assert.Equal(smoothed.Metrics, smoothed.Model.Evaluate(validation, 512, 1, default));
    }

    /// <summary>The penalties themselves are held against golden numbers; here, that training feels them and that they are not part of any loss told.</summary>
    [Theory]
    [InlineData(TaskKind.LanguageModel)]
    [InlineData(TaskKind.Classification)]
    public void Penalties_of_activations_are_felt(TaskKind task)
    {
        var data = task == TaskKind.LanguageModel ? TrainingRuns.Text(60) : TrainingRuns.Labelled(60);
        var settings = new TrainingRequest { Epochs = 4, BatchSize = 4, SequenceLength = 20, LearningRate = 0.01, Seed = 3 };
        using var plain = TrainingRuns.Train(task, data, Small, settings);
        using var none = TrainingRuns.Train(task, data, Small, settings with { ActivationRegularization = 0, TemporalActivationRegularization = 0 });
        using var activity = TrainingRuns.Train(task, data, Small, settings with { ActivationRegularization = 1000 });
        using var temporal = TrainingRuns.Train(task, data, Small, settings with { TemporalActivationRegularization = 1000 });

        Assert.Equal(TrainingRuns.Hash(plain.Model), TrainingRuns.Hash(none.Model));
        Assert.NotEqual(TrainingRuns.Hash(activity.Model), TrainingRuns.Hash(temporal.Model));

        // Kept near 0 by penalties that outweigh all else, the outputs tell little: the first loss is that of a guess, and it stays high.
        Assert.All([activity, temporal], outcome => Assert.True(
            outcome.Curve[^1].TrainingLoss > plain.Curve[^1].TrainingLoss + 0.05, $"{outcome.Curve[^1].TrainingLoss}, {plain.Curve[^1].TrainingLoss}"));
        Assert.All([activity, temporal], outcome => Assert.True(outcome.Curve[0].TrainingLoss < 1.2 * plain.Curve[0].TrainingLoss, $"{outcome.Curve[0].TrainingLoss}, {plain.Curve[0].TrainingLoss}"));
    }
}
