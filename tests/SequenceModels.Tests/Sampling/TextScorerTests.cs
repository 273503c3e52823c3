using SequenceModels.Data;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Sampling;

public sealed class TextScorerTests
{
    private static readonly ArchitectureRequest s_small = new() { HiddenSize = 21, EmbeddingSize = 11, Layers = 2 };

    [Fact]
    public void A_text_is_scored_alike_alone_and_in_company_of_any_lengths()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_small, new() { Epochs = 1, Seed = 1 });
        var model = (LanguageModel)outcome.Model;
        string[] texts = [.. TrainingRuns.Sentences(70), "", "the", "zebra? ž"];

        var together = Score(model, texts);

        Assert.Equal(texts.Length, together.Count);
        for (int i = 0; i < texts.Length; i++)
        {
            var alone = Score(model, [texts[i]])[0];
            Assert.Equal(alone.Tokens, together[i].Tokens);
            Assert.Equal((alone.LogProbability, alone.Perplexity), (together[i].LogProbability, together[i].Perplexity));
            Assert.Equal([.. model.Tokenizer.Encode(texts[i]), model.Tokenizer.Vocabulary.End!.Value], together[i].Tokens.Select(token => token.Token));
        }
    }

    [Fact]
    public void The_perplexity_of_lines_is_that_of_the_evaluation()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_small, new() { Epochs = 2, Seed = 1 });
        var model = (LanguageModel)outcome.Model;
        var lines = TrainingRuns.Sentences(20);

        var scored = Score(model, lines);

        var measured = model.Evaluate(new TrainingData.Lines(lines), 500, 1, default);
        int tokens = scored.Sum(line => line.Tokens.Count);
        Assert.Equal(measured["tokens"], tokens);
        Assert.Equal(measured["validationLoss"], -scored.Sum(line => line.LogProbability) / tokens, 1e-6); // float against double sums
        Assert.All(scored, line => Assert.Equal(Math.Exp(-line.LogProbability / line.Tokens.Count), line.Perplexity!.Value, 1e-9));
    }

    [Fact]
    public void A_sample_has_the_log_probability_that_its_score_says_token_by_token()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_small, new() { Epochs = 2, Seed = 1 });
        var model = (LanguageModel)outcome.Model;
        var settings = new SamplingSettings { Seed = 4, Choices = 5, MaxTokens = 400, Temperature = 0.7, LogProbabilities = 3 };

        var samples = TextGenerator.Generate(model.CreateStepper, model.Tokenizer, model.StartToken, "", settings, default);

        Assert.Contains(samples, sample => sample.FinishReason == FinishReason.EndOfSequence);
        foreach (var sample in samples.Where(sample => sample.FinishReason == FinishReason.EndOfSequence))
        {
            var scored = Score(model, [sample.Text])[0];
            Assert.Equal(scored.Tokens.Select(token => (token.Token, token.LogProbability)), sample.DrawnTokens!.Select(token => (token.Token, token.LogProbability)));
            Assert.Equal(scored.LogProbability, sample.LogProbability, 1e-12); // summed in another order
            foreach (var (token, drawn) in scored.Tokens.Zip(sample.DrawnTokens!))
            {
                Assert.Equal(3, drawn.Top.Count);
                if (token.Rank <= 3)
                    Assert.Equal(token.LogProbability, drawn.Top[token.Rank - 1].LogProbability);
            }
        }

        // Asking for it changes nothing that is drawn.
        var plain = TextGenerator.Generate(model.CreateStepper, model.Tokenizer, model.StartToken, "", settings with { LogProbabilities = null }, default);
        Assert.Equal(plain, samples.Select(sample => sample with { DrawnTokens = null }));
    }

    [Fact]
    public void Scoring_is_cancelled_at_the_next_token()
    {
        using var stop = new CancellationTokenSource();
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(30), s_small, new() { Epochs = 1, Seed = 1 });
        var model = (LanguageModel)outcome.Model;
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => TextScorer.Score(model.CreateStepper, model.Tokenizer, model.StartToken, ["a"], stop.Token));
    }

    private static IReadOnlyList<ScoredText> Score(LanguageModel model, IReadOnlyList<string> texts) =>
        TextScorer.Score(model.CreateStepper, model.Tokenizer, model.StartToken, texts, default);
}
