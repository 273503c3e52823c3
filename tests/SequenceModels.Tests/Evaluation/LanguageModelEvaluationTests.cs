using SequenceModels.Data;
using SequenceModels.Evaluation;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Evaluation;

public sealed class LanguageModelEvaluationTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 24, EmbeddingSize = 12, Dropout = 0 };
    private static readonly TrainingRequest Short = new() { Epochs = 2, BatchSize = 8, LearningRate = 0.01, Seed = 3 };

    [Fact]
    public void Lines_are_measured_as_the_scorer_scores_them()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(120), Small, Short);
        var model = (LanguageModel)outcome.Model;
        var validation = (TrainingData.Lines)DataSplitter.Split(TrainingRuns.Lines(120), 0.2, 1).Validation;
        var measured = (LanguageModelEvaluation)model.Measure(validation, 512, 2, seed: 3, default);
        foreach (var (name, value) in outcome.Metrics)
            Assert.Equal(value, measured.Metrics[name]);

        var scored = TextScorer.Score(model.CreateStepper, model.Tokenizer, model.StartToken, validation.Items, default);
        var tokens = scored.SelectMany(line => line.Tokens).ToList();
        Assert.Equal(tokens.Count(token => token.Rank == 1) / (double)tokens.Count, measured.Metrics["top1Accuracy"], 1e-12);
        Assert.Equal(tokens.Count(token => token.Rank <= 5) / (double)tokens.Count, measured.Metrics["top5Accuracy"], 1e-12);

        // Characters as tokens, the line feed being one: bits a character are bits a token.
        Assert.Equal(measured.Metrics["bitsPerToken"], measured.Metrics["bitsPerCharacter"], 1e-12);
        Assert.Equal(validation.Items.Sum(line => line.Length + 1), measured.Metrics["characters"]);
        Assert.Equal(0, measured.Metrics["unknownShare"]);
        Assert.Equal("lines", measured.IntervalUnit);
        foreach (var (name, interval) in measured.Intervals)
            Assert.True(interval.Contains(measured.Metrics[name]), $"{name}: {measured.Metrics[name]} in {interval}");

        var hardest = scored.Select((line, index) => (Index: index, Loss: -line.LogProbability / line.Tokens.Count)).OrderByDescending(line => line.Loss).Take(20).ToList();
        Assert.Equal(20, measured.Hardest.Count);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(hardest[i].Loss, measured.Hardest[i].NatsPerToken, 1e-5); // float losses against double ones
            Assert.Equal(validation.Items[(int)measured.Hardest[i].Index], measured.Hardest[i].Text);
        }
    }

    [Fact]
    public void A_long_text_is_measured_in_blocks_that_together_are_the_text()
    {
        var text = (TrainingData.ContinuousText)TrainingRuns.Text(150);
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, text, Small, Short with { SequenceLength = 20 });
        var validation = (TrainingData.ContinuousText)DataSplitter.Split(text, 0.2, 1).Validation;
        var measured = (LanguageModelEvaluation)outcome.Model.Measure(validation, 20, 1, seed: 3, default);
        foreach (var (name, value) in outcome.Metrics)
            Assert.Equal(value, measured.Metrics[name]);
        Assert.Equal("blocks", measured.IntervalUnit);
        Assert.Equal(validation.Text.Length - 1, measured.Metrics["tokens"]);
        Assert.Equal(measured.Metrics["bitsPerToken"], measured.Metrics["bitsPerCharacter"], 1e-12);
        Assert.All(measured.Hardest, block => Assert.Equal(validation.Text.Substring((int)block.Index, block.Tokens), block.Text));
        Assert.All(measured.Hardest, block => Assert.InRange(block.Tokens, 1, 20));
        Assert.True(measured.Intervals["validationLoss"].Contains(measured.Metrics["validationLoss"]));

        // In one piece there is one block, which holds everything.
        var whole = (LanguageModelEvaluation)outcome.Model.Measure(validation, 4000, 1, seed: 3, default);
        Assert.Equal(validation.Text[1..], Assert.Single(whole.Hardest).Text);
        Assert.Equal(whole.Metrics["validationLoss"], whole.Hardest[0].NatsPerToken, 1e-6);
    }

    [Fact]
    public void Words_are_measured_by_the_characters_of_their_text()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(120), Small with { Tokenizer = TokenizerKind.Word, MinimumCount = 1 }, Short);
        TrainingData.Lines lines = new(["the stone finds the river", "zebra the stone"]);
        var measured = (LanguageModelEvaluation)outcome.Model.Measure(lines, 512, 1, seed: 3, default);
        Assert.Equal(6 + 4, measured.Metrics["tokens"]);
        Assert.Equal(25 + 1 + 15 + 1, measured.Metrics["characters"]);
        Assert.Equal(measured.Metrics["validationLoss"] * 10 / (42 * Math.Log(2)), measured.Metrics["bitsPerCharacter"], 1e-12);
        Assert.Equal(0.1, measured.Metrics["unknownShare"], 1e-12);

        // Cut off after three tokens each: half of the first line's characters, three quarters of the second's.
        var cut = outcome.Model.Measure(lines, 3, 1, seed: 3, default);
        Assert.Equal(Math.Round(26 / 2.0 + 16 * 3 / 4.0), cut.Metrics["characters"]);
        Assert.Equal(6, cut.Metrics["tokens"]);
    }
}
