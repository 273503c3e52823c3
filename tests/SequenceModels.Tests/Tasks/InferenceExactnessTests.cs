using SequenceModels.Kernels;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;

namespace SequenceModels.Tests.Tasks;

/// <summary>What a model says of one text does not depend on the texts beside it, on the width of the vectors or on who asks at the same time.</summary>
public sealed class InferenceExactnessTests
{
    public static TheoryData<CellKind> Cells => [.. Enum.GetValues<CellKind>()];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_sampled_text_depends_on_seed_and_choice_alone(CellKind cell)
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(80), new() { Cell = cell, HiddenSize = 21, EmbeddingSize = 11, Layers = 2 }, new() { Epochs = 2, Seed = 1 });
        var model = (LanguageModel)outcome.Model;
        var many = Generate(model, KernelSet.Best, 7);

        Assert.Equal(Generate(model, KernelSet.Best, 1)[0], many[0]);
        Assert.Equal(many, Generate(model, KernelSet.For(SimdWidth.Vector128), 7));
        Assert.Equal(many, Generate(model, KernelSet.For(SimdWidth.Scalar), 7));
        Assert.True(many.Select(text => text.Text).Distinct().Count() > 1);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Stepping_a_token_at_a_time_gives_the_logits_of_training(CellKind cell)
    {
        // The evaluation runs whole sequences through the layers, the stepper one token at a time: the losses agree to the last bit of their sums.
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(40), new() { Cell = cell, HiddenSize = 21, EmbeddingSize = 11, Layers = 2 }, new() { Epochs = 2, Seed = 1 });
        var model = (LanguageModel)outcome.Model;
        string line = TrainingRuns.Sentences(3)[2];
        double whole = model.Evaluate(new SequenceModels.Data.TrainingData.Lines([line]), 500, 1, default)["validationLoss"];

        using var stepper = model.CreateStepper(1);
        int[] tokens = [model.StartToken, .. model.Tokenizer.Encode(line), model.StartToken];
        double sum = 0;
        for (int i = 0; i + 1 < tokens.Length; i++)
        {
            stepper.Step([tokens[i]]);
            double total = 0;
            foreach (float logit in stepper.Logits(0))
                total += Math.Exp(logit);
            sum += Math.Log(total) - stepper.Logits(0)[tokens[i + 1]];
        }

        Assert.Equal(sum / (tokens.Length - 1), whole, 1e-6); // float against double logarithms and sums
    }

    [Fact]
    public async Task A_text_is_classified_alike_alone_in_company_and_concurrently()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, TrainingRuns.Labelled(80), new() { HiddenSize = 21, EmbeddingSize = 11, Bidirectional = true }, new() { Epochs = 2, Seed = 1 });
        var model = (SequenceClassifier)outcome.Model;
        var texts = TrainingRuns.Sentences(100);
        double[] together = [.. model.Classify(texts, default).Select(result => result.Probabilities["wet"])];
        double[] alone = [.. texts.Select(text => model.Classify([text], default)[0].Probabilities["wet"])];
        double[] backwards = [.. model.Classify([.. texts.Reverse()], default).Reverse().Select(result => result.Probabilities["wet"])];
        var concurrent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => model.Classify(texts, default).Select(result => result.Probabilities["wet"]).ToArray())));

        Assert.Equal(together, alone);
        Assert.Equal(together, backwards);
        Assert.All(concurrent, results => Assert.Equal(together, results));
    }

    [Fact]
    public void Classification_reports_lengths_unknown_tokens_and_truncation()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, TrainingRuns.Labelled(80), new() { HiddenSize = 8 }, new() { Epochs = 1, SequenceLength = 6, Seed = 1 });
        var model = (SequenceClassifier)outcome.Model;
        var results = model.Classify(["the stone zzz", "", "the stone finds the river the stone finds the river"], default);

        Assert.Equal((3, 1, false), (results[0].Tokens, results[0].UnknownTokens, results[0].Truncated));
        Assert.Equal((1, 1, false), (results[1].Tokens, results[1].UnknownTokens, results[1].Truncated));
        Assert.Equal((6, 0, true), (results[2].Tokens, results[2].UnknownTokens, results[2].Truncated));
        Assert.All(results, result => Assert.Equal(1, result.Probabilities.Values.Sum(), 1e-6));
        Assert.All(results, result => Assert.Equal(result.Probabilities.MaxBy(entry => entry.Value).Key, result.Label));
    }

    [Fact]
    public void A_model_that_was_written_and_read_says_the_same()
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Text(80), new() { HiddenSize = 21, EmbeddingSize = 11 }, new() { Epochs = 1, SequenceLength = 20, Seed = 1 });
        using var weights = new MemoryStream();
        outcome.Model.WriteWeights(weights);
        weights.Position = 0;
        using var read = (LanguageModel)SequenceModel.Load(TaskKind.LanguageModel, outcome.Model.Architecture, outcome.Model.Tokenizer, [], weights);

        Assert.Equal(Generate((LanguageModel)outcome.Model, KernelSet.Best, 3), Generate(read, KernelSet.Best, 3));
        Assert.Equal(TrainingRuns.Hash(outcome.Model), TrainingRuns.Hash(read));
    }

    private static IReadOnlyList<GeneratedText> Generate(LanguageModel model, KernelSet kernels, int choices) => TextGenerator.Generate(
        rows => model.CreateStepper(rows, kernels), model.Tokenizer, model.StartToken, "", new SamplingSettings { Choices = choices, MaxTokens = 60, Seed = 5 }, default);
}
