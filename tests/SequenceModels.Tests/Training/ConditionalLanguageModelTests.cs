using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>Language models of labelled lines: the label is read beside each token.</summary>
public sealed class ConditionalLanguageModelTests
{
    private static readonly ArchitectureRequest s_small = new() { HiddenSize = 24, EmbeddingSize = 12, Dropout = 0 };
    private static readonly TrainingRequest s_run = new() { Epochs = 30, BatchSize = 8, LearningRate = 0.02, Seed = 3 };

    /// <summary>Words of two languages that share their letters and begin alike: only the label tells how they go on.</summary>
    private static TrainingData.Labelled Words() => new([.. Enumerable.Range(0, 120).Select(i => i % 3 == 0
        ? new LabelledText("pa" + string.Concat(Enumerable.Repeat("ti", 1 + i % 4)), "short")
        : new LabelledText("pa" + string.Concat(Enumerable.Repeat("molu", 1 + i % 2)), "long"))]);

    [Fact]
    public void A_text_of_a_label_is_drawn_as_that_label_s_texts_are()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, Words(), s_small, s_run);
        var model = (LanguageModel)outcome.Model;
        Assert.Equal(["long", "short"], model.Labels);
        Assert.True(model.IsConditional);

        string[] Drawn(string label) => [.. model.Sample(label, 60, new SamplingSettings { Seed = 5, MaxTokens = 30 }).Select(text => text.Text)];
        Assert.True(Drawn("short").Count(text => text.StartsWith("pati", StringComparison.Ordinal) && !text.Contains('m', StringComparison.Ordinal)) >= 57, string.Join(' ', Drawn("short")));
        Assert.True(Drawn("long").Count(text => text.StartsWith("pamolu", StringComparison.Ordinal) && !text.Contains('t', StringComparison.Ordinal)) >= 57, string.Join(' ', Drawn("long")));
    }

    [Fact]
    public void A_score_is_the_evaluation_s_loss_and_tells_the_label()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, Words(), s_small, s_run);
        var model = (LanguageModel)outcome.Model;
        var validation = (TrainingData.Labelled)DataSplitter.Split(Words(), 0.2, 1).Validation;
        Assert.Equal(outcome.Metrics, model.Evaluate(validation, 512, 1, default));

        double sum = 0, tokens = 0;
        foreach (var item in validation.Items)
        {
            var own = model.Score(item.Label, item.Text);
            sum -= own.LogProbability;
            tokens += own.Tokens.Count;
            Assert.True(own.LogProbability > model.Score(item.Label == "long" ? "short" : "long", item.Text).LogProbability + 3, item.ToString());
        }

        Assert.Equal(outcome.Metrics["tokens"], tokens);
        Assert.Equal(outcome.Metrics["validationLoss"], sum / tokens, 1e-6); // sums of single-precision losses in another order
    }

    [Fact]
    public void A_row_s_logits_do_not_depend_on_the_rows_beside_it_nor_on_the_width_of_vectors()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, Words(), s_small with { Layers = 2, Cell = CellKind.Gru }, s_run with { Epochs = 1 });
        var model = (LanguageModel)outcome.Model;
        int[] tokens = [model.StartToken, .. model.Tokenizer.Encode("pamoti")];
        float[][] Logits(int[] labels, KernelSet kernels, int row)
        {
            using var stepper = model.CreateStepper(labels, kernels);
            return [.. tokens.Select(token =>
            {
                stepper.Step([.. labels.Select(_ => token)]);
                return stepper.Logits(row).ToArray();
            })];
        }

        var alone = Logits([1], KernelSet.Best, 0);
        Assert.Equal(alone, Logits([0, 0, 1, 0], KernelSet.Best, 2));
        Assert.Equal(alone, Logits([1, 0], KernelSet.For(SimdWidth.Vector128), 0));
        Assert.NotEqual(alone[^1], Logits([0], KernelSet.Best, 0)[^1]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_on_any_number_of_threads()
    {
        string[] hashes = [.. new[] { 1, 3 }.Select(threads =>
        {
            using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, Words(), s_small, s_run with { Epochs = 2 }, threads);
            return TrainingRuns.Hash(outcome.Model);
        })];
        Assert.Equal(hashes[0], hashes[1]);
    }

    [Fact]
    public void The_plan_tells_the_labels_and_their_shares()
    {
        var data = Words();
        var plan = TrainingRuns.Plan(TaskKind.LanguageModel, data, data, s_small);
        Assert.Equal(["long", "short"], plan.Labels);
        Assert.Equal([2 / 3.0, 1 / 3.0], plan.LabelShares);
        Assert.Equal(0, plan.Architecture.InputDropout);
    }

    [Fact]
    public void Without_a_label_or_with_an_unknown_one_nothing_is_drawn()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, Words(), s_small, s_run with { Epochs = 1 });
        var model = (LanguageModel)outcome.Model;
        Assert.Throws<ArgumentException>(() => model.CreateStepper(1));
        Assert.Throws<ArgumentException>(() => model.CreateStepper([2]));
        Assert.Contains("long, short", Assert.Throws<ArgumentException>(() => model.Sample("other")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Evaluate(new TrainingData.Lines(["pati"]), 512, 1, default));

        using var plain = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(20), s_small, s_run with { Epochs = 1 });
        Assert.Throws<ArgumentException>(() => ((LanguageModel)plain.Model).CreateStepper([0]));
    }
}
