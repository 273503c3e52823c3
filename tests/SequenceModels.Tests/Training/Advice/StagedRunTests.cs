using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Tests.Baselines;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace SequenceModels.Tests.Training.Advice;

/// <summary>Runs in which one thing is wrong: the doctor names it and nothing else. In healthy runs it is silent.</summary>
public sealed class StagedRunTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 48, EmbeddingSize = 16, Dropout = 0 };
    private static readonly TrainingRequest Healthy = new() { Epochs = 6, BatchSize = 16, SequenceLength = 64, LearningRate = 0.01, EarlyStoppingPatience = 1000, Seed = 3 };

    [Theory]
    [InlineData("lines")]
    [InlineData("text")]
    [InlineData("labelled")]
    public void A_healthy_run_hears_nothing(string kind) => Hears(Run(kind, Small, Healthy));

    [Theory]
    [InlineData("lines")]
    [InlineData("text")]
    [InlineData("labelled")]
    public void A_learning_rate_a_hundred_times_too_high_diverges_and_is_halved_once(string kind)
    {
        var run = Run(kind, Small, Healthy with { LearningRate = 1, Epochs = 3 });
        Hears(run, AdviceKind.DivergingLoss);
        Assert.NotNull(run.Divergence);
        Assert.Equal(1, run.Divergence.LearningRate);
        Assert.All(run.Curve.Where(point => point.Step > run.Divergence.Step), point => Assert.Equal(0.5, point.LearningRate));
    }

    [Fact]
    public void Thirty_examples_and_a_large_network_are_overfitted_and_too_few_to_measure()
    {
        string[] words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty"];
        // Labels without a reason: all that can be learned are the examples themselves.
        LabelledText[] examples = [.. Enumerable.Range(0, 30).Select(i => new LabelledText($"{words[i % 10]} {words[i * 7 % 10]} {words[(i * i + i / 10) % 10]}", (i * 2654435761u >> 7) % 2 == 0 ? "yes" : "no"))];
        var run = StagedRun.Of(TaskKind.Classification, new TrainingData.Labelled(examples), new() { HiddenSize = 128, EmbeddingSize = 64, Dropout = 0 }, Healthy with { Epochs = 30, BatchSize = 8 });
        Hears(run, AdviceKind.Overfitting, AdviceKind.SmallValidation);
    }

    [Fact]
    public void Two_units_are_too_few_for_a_long_text() => Hears(Run("text", new() { HiddenSize = 2, EmbeddingSize = 4, Dropout = 0 }, Healthy with { Epochs = 12, LearningRate = 0.01 }), AdviceKind.Underfitting);

    [Fact]
    public void One_rare_label_in_a_hundred_is_unbalanced()
    {
        LabelledText[] examples = [.. TrainingRuns.Sentences(600).Select((text, i) => i % 100 == 0 ? new LabelledText(text + " sideways", "rare") : new LabelledText(text, "common"))];
        Hears(StagedRun.Of(TaskKind.Classification, new TrainingData.Labelled(examples), Small, Healthy), AdviceKind.UnbalancedClasses);
        Hears(StagedRun.Of(TaskKind.Classification, new TrainingData.Labelled(examples), Small, Healthy with { ClassWeighting = ClassWeighting.Balanced }));
    }

    [RealDataFact]
    [Trait("Category", "RealData")]
    public void Two_units_are_too_few_for_Shakespeare_and_more_are_not()
    {
        string file = Directory.GetFiles(Path.Combine(RealDataFactAttribute.Folder!, "tinyshakespeare"), "*.txt").Order(StringComparer.Ordinal).First();
        var text = new TrainingData.ContinuousText(File.ReadAllText(file)[..200_000]);
        Hears(StagedRun.Of(TaskKind.LanguageModel, text, new() { HiddenSize = 2, EmbeddingSize = 8, Dropout = 0 }, Healthy with { Epochs = 8, LearningRate = 0.01 }), AdviceKind.Underfitting);
        Hears(StagedRun.Of(TaskKind.LanguageModel, text, new() { HiddenSize = 128, EmbeddingSize = 32, Dropout = 0 }, Healthy with { Epochs = 4 }));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("labelled")]
    public void A_run_that_diverges_gives_the_same_bits_on_any_number_of_threads_and_after_interruptions(string kind)
    {
        var runs = new InterruptedRuns(kind, new() { HiddenSize = 17, EmbeddingSize = 9, Dropout = 0.2 }, new() { Epochs = 8, BatchSize = 5, SequenceLength = 30, LearningRate = 3, EarlyStoppingPatience = 1000, Seed = 5 });
        using var whole = runs.Whole();
        Assert.NotNull(whole.Divergence);
        int step = (int)whole.Divergence.Step;
        // Before it, just before, just after, long after.
        int[] moments = [step / 2, step - 1, step, step + 1, step + 2, step + 12];
        using var interrupted = runs.Interrupted(moments);
        InterruptedRuns.AssertSame(whole, interrupted);
        Assert.Equal(whole.Divergence, interrupted.Divergence);
        using var threaded = runs.Whole(threads: 3);
        InterruptedRuns.AssertSame(whole, threaded);
    }

    private static StagedRun Run(string kind, ArchitectureRequest architecture, TrainingRequest settings)
    {
        var (task, data) = kind switch
        {
            "text" => (TaskKind.LanguageModel, TrainingRuns.Text(600)),
            "lines" => (TaskKind.LanguageModel, TrainingRuns.Lines(300)),
            _ => (TaskKind.Classification, TrainingRuns.Labelled(400)),
        };
        return StagedRun.Of(task, data, architecture, settings);
    }

    private static void Hears(StagedRun run, params AdviceKind[] expected) => Assert.True(expected.SequenceEqual(run.Kinds), run.Story);
}
