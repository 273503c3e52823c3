using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Sampling;
using SequenceModels.Serialization;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;
using SequenceModels.Text;
using SequenceModels.Training;

namespace SequenceModels.Tests.Tasks;

/// <summary>Models with options of the layers say the same of a text token by token and as a whole, alone and in company, on any threads and at any width.</summary>
public sealed class LayerOptionInferenceTests
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz ";

    /// <summary>Float against double logarithms and sums.</summary>
    private const double Rounding = 1e-6;

    public static TheoryData<string, CellKind, WeightPrecision> LanguageModels
    {
        get
        {
            var data = new TheoryData<string, CellKind, WeightPrecision>();
            foreach (var precision in Enum.GetValues<WeightPrecision>())
            {
                foreach (string name in LayerOptions.Of(TaskKind.LanguageModel).Append(All(TaskKind.LanguageModel)))
                {
                    data.Add(name, CellKind.Lstm, precision);
                    data.Add(name, CellKind.Gru, precision);
                }

                foreach (var cell in Enum.GetValues<CellKind>().Except([CellKind.Lstm, CellKind.Gru]))
                    data.Add("zoneout+residual+layerNorm", cell, precision);
            }

            return data;
        }
    }

    public static TheoryData<string> Classifiers => [.. LayerOptions.Of(TaskKind.Classification), All(TaskKind.Classification)];

    [Theory, MemberData(nameof(LanguageModels))]
    public void Stepping_a_token_at_a_time_gives_the_loss_of_whole_sequences(string options, CellKind cell, WeightPrecision precision)
    {
        using var model = (LanguageModel)Model(TaskKind.LanguageModel, new() { Cell = cell, Layers = 3, HiddenSize = 21, EmbeddingSize = 11 }, options, precision);
        string[] lines = ["the stone finds the river", "a", "violet meadow"];
        double whole = model.Evaluate(new SequenceModels.Data.TrainingData.Lines(lines), 500, 2, default)["validationLoss"];

        var scores = TextScorer.Score(rows => model.CreateStepper(rows), model.Tokenizer, model.StartToken, lines, default);

        Assert.Equal(whole, -scores.Sum(score => score.LogProbability) / scores.Sum(score => score.Tokens.Count), Rounding);
        foreach (string line in lines)
            Assert.Equal(scores[Array.IndexOf(lines, line)].LogProbability, TextScorer.Score(rows => model.CreateStepper(rows), model.Tokenizer, model.StartToken, [line], default)[0].LogProbability);
        Assert.Equal(Drawn(model, KernelSet.Best, 5)[4], Drawn(model, KernelSet.For(SimdWidth.Vector128), 5)[4]);
        Assert.Equal(Drawn(model, KernelSet.Best, 5)[0], Drawn(model, KernelSet.For(SimdWidth.Scalar), 1)[0]);
    }

    [Theory, MemberData(nameof(Classifiers))]
    public void A_text_is_classified_alike_alone_and_in_company_and_as_it_is_evaluated(string options)
    {
        foreach (bool bidirectional in new[] { false, true })
        {
            using var model = (SequenceClassifier)Model(
                TaskKind.Classification, new() { Layers = 2, HiddenSize = 21, EmbeddingSize = 11, Bidirectional = bidirectional, Pooling = PoolingKind.Last }, options, WeightPrecision.Float32);
            string[] texts = [.. TrainingRuns.Sentences(12), "a", "violet"];
            var together = model.Classify(texts, default);
            double[] alone = [.. texts.Select(text => model.Classify([text], default)[0].Probabilities["wet"])];

            Assert.Equal(together.Select(result => result.Probabilities["wet"]), alone);
            Assert.True(alone.Distinct().Count() > 2);
            var labelled = new SequenceModels.Data.TrainingData.Labelled([.. texts.Select(text => new SequenceModels.Data.LabelledText(text, "wet"))]);
            Assert.Equal(-alone.Average(Math.Log), model.Evaluate(labelled, 500, 3, default)["validationLoss"], Rounding);
        }
    }

    [Fact]
    public void A_team_gives_the_bits_of_one_thread()
    {
        using var model = (LanguageModel)Model(TaskKind.LanguageModel, new() { Layers = 2, HiddenSize = 512, EmbeddingSize = 40 }, All(TaskKind.LanguageModel), WeightPrecision.Float32);
        Assert.True(model.TeamPays);
        foreach (int threads in new[] { 2, 3 })
        {
            using var team = new InferenceTeam(threads);
            using var lease = team.TryEnter();
            using ITokenStepper alone = model.CreateStepper(3), together = model.CreateStepper(3, lease);
            for (int i = 0; i < 5; i++)
            {
                int[] tokens = [i, i == 3 ? -1 : 7, 20 - i];
                alone.Step(tokens);
                together.Step(tokens);
                for (int row = 0; row < 3; row++)
                    Assert.Equal(alone.Logits(row).ToArray(), together.Logits(row).ToArray());
            }
        }
    }

    [Theory]
    [InlineData(TaskKind.LanguageModel)]
    [InlineData(TaskKind.Classification)]
    public void A_model_that_was_written_is_read_by_its_names_and_by_their_last_parts(TaskKind task)
    {
        using var model = Model(task, new() { Layers = 2, HiddenSize = 12, EmbeddingSize = 7, Bidirectional = task == TaskKind.Classification }, All(task), WeightPrecision.Float32);
        string[] names = [.. model.Parameters.Parameters.Select(parameter => parameter.Name).Where(name => !name.StartsWith("rnn.", StringComparison.Ordinal))];
        string[] common = ["embedding.weight", "norms.0.weight", "norms.0.bias", "norms.1.weight", "norms.1.bias", "h0", "c0"];
        Assert.Equal(task == TaskKind.LanguageModel ? [.. common, "proj.weight", "fc.bias"] : [.. common, "attention.weight", "attention.bias", "score.weight", "fc.weight", "fc.bias"], names);
        using var weights = new MemoryStream();
        model.WriteWeights(weights);
        foreach (var way in new[] { StateDictNames.Same, StateDictNames.BySuffix })
        {
            weights.Position = 0;
            using var read = SequenceModel.Load(task, model.Architecture, model.Tokenizer, model.Labels, weights, names: way);
            Assert.Equal(TrainingRuns.Hash(model), TrainingRuns.Hash(read));
        }
    }

    [Fact]
    public void A_stream_read_in_chunks_begins_with_the_learned_state_once()
    {
        using var model = (LanguageModel)Model(TaskKind.LanguageModel, new() { Layers = 2, HiddenSize = 12, EmbeddingSize = 7 }, "learnedInitialState", WeightPrecision.Float32, ofLines: false);
        var text = new SequenceModels.Data.TrainingData.ContinuousText(string.Concat(TrainingRuns.Sentences(3)));
        int tokens = model.Tokenizer.Count(text.Text);
        double whole = model.Evaluate(text, tokens, 1, default)["validationLoss"];

        using var stepper = model.CreateStepper(1);
        int[] read = model.Tokenizer.Encode(text.Text);
        double sum = 0;
        for (int i = 0; i + 1 < read.Length; i++)
        {
            stepper.Step([read[i]]);
            sum -= LogitStatistics.Score(stepper.Logits(0), read[i + 1]).LogProbability;
        }

        Assert.Equal(whole, sum / (tokens - 1), Rounding);
        using var context = ComputeContext.Create(1);
        using var batches = new StreamBatches(read, 1, 9, model.Architecture.Layers * model.Architecture.HiddenSize);
        using var encoder = new TokenEncoderWeights(model.Parameters, model.Architecture, useTable: true);
        using var output = new LinearWeights(model.Parameters, NetworkLayout.Output);
        encoder.Pack(context, backward: false);
        output.Pack(backward: false);
        Assert.Equal(whole, new LanguageModelNetwork(encoder, output, context).Evaluate(batches, default)["validationLoss"], Rounding);
    }

    private static string All(TaskKind task) => string.Join('+', LayerOptions.Of(task));

    private static IReadOnlyList<GeneratedText> Drawn(LanguageModel model, KernelSet kernels, int choices) => TextGenerator.Generate(
        rows => model.CreateStepper(rows, kernels), model.Tokenizer, model.StartToken, "", new SamplingSettings { Choices = choices, MaxTokens = 12, Seed = 5 }, default);

    private static SequenceModel Model(TaskKind task, ArchitectureSettings architecture, string options, WeightPrecision precision, bool ofLines = true)
    {
        architecture = LayerOptions.With(architecture, options.Split('+'));
        ofLines &= task == TaskKind.LanguageModel;
        var tokenizer = new CharacterTokenizer(new Vocabulary(Letters.Select(letter => letter.ToString()), ofLines), lowerCase: false);
        string[] labels = task == TaskKind.LanguageModel ? [] : ["dry", "wet"];
        var parameters = NetworkLayout.Create(task, architecture, tokenizer.Vocabulary.Count, labels.Length);
        for (int i = 0; i < parameters.Parameters.Count; i++)
            Initialization.Uniform(parameters.Parameters[i].Values, 4 / Math.Sqrt(architecture.HiddenSize), new CounterRandom(1, RandomPurpose.Initialization, 0, (uint)i));
        return SequenceModel.Create(task, architecture, tokenizer, labels, parameters, 500, precision);
    }
}
