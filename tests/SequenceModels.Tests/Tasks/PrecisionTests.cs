using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;
using SequenceModels.Text;

namespace SequenceModels.Tests.Tasks;

/// <summary>Models at each precision of their weights: near to float32, the same bits in any company, at any width and on any number of threads.</summary>
public sealed class PrecisionTests
{
    public static TheoryData<WeightPrecision> Precisions => [.. Enum.GetValues<WeightPrecision>()];

    public static TheoryData<WeightPrecision> Lower => [WeightPrecision.Bfloat16, WeightPrecision.Int8];

    public static TheoryData<CellKind> Cells => [.. Enum.GetValues<CellKind>()];

    [Theory]
    [MemberData(nameof(Precisions))]
    public void A_sampled_text_depends_on_seed_and_choice_alone(WeightPrecision precision)
    {
        using var model = Trained(precision);
        var many = Generate(model, KernelSet.Best, 7);
        Assert.Equal(Generate(model, KernelSet.Best, 1)[0], many[0]);
        foreach (var width in Enum.GetValues<SimdWidth>())
            Assert.Equal(many, Generate(model, KernelSet.For(width), 7));
        Assert.True(many.Select(text => text.Text).Distinct().Count() > 1);
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Stepping_a_token_at_a_time_gives_the_loss_of_whole_sequences(WeightPrecision precision)
    {
        using var model = Trained(precision);
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

    [Theory]
    [MemberData(nameof(Lower))]
    public void A_language_model_loses_little(WeightPrecision precision)
    {
        using var outcome = Outcome();
        using var model = Reloaded(outcome.Model, precision);
        var data = TrainingRuns.Lines(60);
        double loss = outcome.Model.Evaluate(data, 500, 1, default)["validationLoss"], lowered = model.Evaluate(data, 500, 1, default)["validationLoss"];

        Assert.NotEqual(loss, lowered);
        Assert.InRange(lowered, loss * 0.995, loss * 1.005);
        Assert.Equal(lowered, outcome.Model.Evaluate(data, 500, 1, precision, default)["validationLoss"]);
        Assert.Equal(loss, model.Evaluate(data, 500, 1, WeightPrecision.Float32, default)["validationLoss"]);
        Assert.Equal(lowered, model.Evaluate(data, 500, 2, default)["validationLoss"]);
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Texts_are_classified_alike_alone_and_in_company_and_nearly_as_at_float32(WeightPrecision precision)
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, TrainingRuns.Labelled(80), new() { HiddenSize = 21, EmbeddingSize = 11, Bidirectional = true, Layers = 2 }, new() { Epochs = 4, Seed = 1 });
        using var model = (SequenceClassifier)Load(outcome.Model, precision);
        var texts = TrainingRuns.Sentences(100);
        double[] together = [.. model.Classify(texts, default).Select(result => result.Probabilities["wet"])];
        double[] alone = [.. texts.Select(text => model.Classify([text], default)[0].Probabilities["wet"])];
        double[] full = [.. ((SequenceClassifier)outcome.Model).Classify(texts, default).Select(result => result.Probabilities["wet"])];

        Assert.Equal(precision, model.Precision);
        Assert.Equal(together, alone);
        Assert.Equal(precision == WeightPrecision.Float32, together.SequenceEqual(full));
        Assert.All(together.Zip(full), pair => Assert.Equal(pair.Second, pair.First, 0.01));
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void A_team_gives_the_bits_of_one_thread(WeightPrecision precision)
    {
        // Large enough that a team is used at every precision; once with a table of the first layer's products and once (from 4096 tokens on) without.
        foreach (int vocabulary in new[] { 40, 4200 })
        {
            using var model = Large(precision, vocabulary);
            Assert.True(model.TeamPays);
            foreach (int threads in new[] { 2, 3 })
            {
                using var team = new InferenceTeam(threads);
                using var lease = team.TryEnter();
                Assert.NotNull(lease);
                Assert.Null(team.TryEnter());
                using ITokenStepper alone = model.CreateStepper(3), together = model.CreateStepper(3, lease);
                for (int i = 0; i < 6; i++)
                {
                    int[] tokens = [i % vocabulary, i == 3 ? -1 : 7, vocabulary - 1 - i];
                    alone.Step(tokens);
                    together.Step(tokens);
                    for (int row = 0; row < 3; row++)
                        Assert.Equal(alone.Logits(row).ToArray(), together.Logits(row).ToArray());
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_team_gives_the_bits_of_one_thread_with_every_cell_at_every_precision(CellKind cell)
    {
        using var team = new InferenceTeam(2);
        foreach (var precision in Enum.GetValues<WeightPrecision>())
        {
            using var model = Large(precision, 40, cell);
            using var lease = team.TryEnter();
            using ITokenStepper alone = model.CreateStepper(2), together = model.CreateStepper(2, lease), narrow = model.CreateStepper(2, KernelSet.For(SimdWidth.Vector256));
            for (int i = 0; i < 4; i++)
            {
                int[] tokens = [i, i == 2 ? -1 : 7];
                alone.Step(tokens);
                together.Step(tokens);
                narrow.Step(tokens);
                for (int row = 0; row < 2; row++)
                {
                    Assert.All(alone.Logits(row).ToArray(), logit => Assert.True(float.IsFinite(logit)));
                    Assert.Equal(alone.Logits(row).ToArray(), together.Logits(row).ToArray());
                    Assert.Equal(alone.Logits(row).ToArray(), narrow.Logits(row).ToArray());
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_loses_little_at_lower_precision(CellKind cell)
    {
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(80), new() { Cell = cell, HiddenSize = 21, EmbeddingSize = 11, Layers = 2 }, new() { Epochs = 2, Seed = 1 });
        var data = TrainingRuns.Lines(60);
        double loss = outcome.Model.Evaluate(data, 500, 1, default)["validationLoss"];
        foreach (var precision in new[] { WeightPrecision.Bfloat16, WeightPrecision.Int8 })
        {
            double lowered = outcome.Model.Evaluate(data, 500, 1, precision, default)["validationLoss"];
            Assert.NotEqual(loss, lowered);
            Assert.InRange(lowered, loss * 0.995, loss * 1.005);
        }
    }

    [Fact]
    public void A_team_can_be_entered_again_after_its_lease_and_only_then()
    {
        using var team = new InferenceTeam(2);
        var first = team.TryEnter()!;
        Assert.Null(team.TryEnter());
        first.Dispose();
        first.Dispose();
        using var second = team.TryEnter();
        Assert.NotNull(second);
        first.Dispose();
        Assert.Null(team.TryEnter());
        Assert.Throws<ObjectDisposedException>(() => Large(WeightPrecision.Int8, 40).CreateStepper(1, first));
    }

    [Fact]
    public void Memory_is_what_is_held()
    {
        using SequenceModel full = Large(WeightPrecision.Float32, 40), half = Large(WeightPrecision.Bfloat16, 40), quarter = Large(WeightPrecision.Int8, 40);
        const long hidden = 512, columns = 4 * hidden, vocabulary = 40, outputs = 48, embedding = 24;
        long kept = 4 * full.Parameters.Values.Length + 4 * vocabulary * columns; // parameters and the table
        long weights = 3 * hidden * columns + hidden * outputs; // two recurrent products, one between the layers, the output
        Assert.Equal(kept + 4 * weights + 4 * embedding * columns, full.MemoryBytes);
        Assert.Equal(kept + 2 * weights, half.MemoryBytes);
        Assert.Equal(kept + weights + 4 * (3 * columns + outputs), quarter.MemoryBytes); // and the scales
    }

    private static LanguageModel Large(WeightPrecision precision, int vocabulary, CellKind cell = CellKind.Lstm)
    {
        var architecture = new ArchitectureSettings { Cell = cell, HiddenSize = 512, EmbeddingSize = 24, Layers = 2 };
        var tokenizer = Tokenizers.Build(TokenizerKind.Character, [string.Concat(Enumerable.Range(0x4E00, vocabulary - 1).Select(code => (char)code))], false, 1, withEnd: false);
        Assert.Equal(vocabulary, tokenizer.Vocabulary.Count);
        var parameters = NetworkLayout.Create(TaskKind.LanguageModel, architecture, vocabulary, 0);
        for (int i = 0; i < parameters.Parameters.Count; i++)
            SequenceModels.Layers.Initialization.Uniform(parameters.Parameters[i].Values, 0.05, new CounterRandom(1, RandomPurpose.Initialization, 0, (uint)i));
        return (LanguageModel)SequenceModel.Create(TaskKind.LanguageModel, architecture, tokenizer, [], parameters, int.MaxValue, precision);
    }

    private static SequenceModels.Training.TrainingOutcome Outcome() =>
        TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(80), new() { HiddenSize = 21, EmbeddingSize = 11, Layers = 2 }, new() { Epochs = 2, Seed = 1 });

    private static LanguageModel Trained(WeightPrecision precision)
    {
        using var outcome = Outcome();
        return Reloaded(outcome.Model, precision);
    }

    private static LanguageModel Reloaded(SequenceModel model, WeightPrecision precision) => (LanguageModel)Load(model, precision);

    private static SequenceModel Load(SequenceModel model, WeightPrecision precision)
    {
        using var weights = new MemoryStream();
        model.WriteWeights(weights);
        weights.Position = 0;
        return SequenceModel.Load(model.Task, model.Architecture, model.Tokenizer, model.Labels, weights, 100, precision);
    }

    private static IReadOnlyList<GeneratedText> Generate(LanguageModel model, KernelSet kernels, int choices) => TextGenerator.Generate(
        rows => model.CreateStepper(rows, kernels), model.Tokenizer, model.StartToken, "", new SamplingSettings { Choices = choices, MaxTokens = 60, Seed = 5 }, default);
}
