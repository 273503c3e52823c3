using System.Security.Cryptography;
using System.Text.Json;
using SequenceModels.Layers;
using SequenceModels.Serialization.Onnx;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Text;

namespace SequenceModels.Tests.Serialization.Onnx;

/// <summary>Models as ONNX files: ONNX Runtime gives what the model gives, for random weights and inputs.</summary>
public sealed unsafe class OnnxExportTests
{
    private const int Runs = 100;
    private const string Letters = "abcdefghijklmnopqrs";

    /// <summary>Sums of another order in single precision; values are of order 1.</summary>
    private static readonly Tolerance s_tolerance = new(0, 1e-5);

    private static readonly string[] s_labels = ["dry", "wet", "\"größer\"\n"];

    public static TheoryData<CellKind, int> LanguageModels
    {
        get
        {
            var data = new TheoryData<CellKind, int>();
            foreach (var cell in Enum.GetValues<CellKind>())
            {
                data.Add(cell, 1);
                data.Add(cell, 2);
            }

            return data;
        }
    }

    public static TheoryData<CellKind, int, bool, PoolingKind> Classifiers
    {
        get
        {
            var data = new TheoryData<CellKind, int, bool, PoolingKind>();
            foreach (var (cell, layers) in Enum.GetValues<CellKind>().SelectMany(cell => new[] { (cell, 1), (cell, 2) }))
            {
                foreach (var pooling in Enum.GetValues<PoolingKind>())
                {
                    data.Add(cell, layers, false, pooling);
                    data.Add(cell, layers, true, pooling);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(LanguageModels))]
    public void A_language_model_goes_on_from_any_state_as_its_layers_do(CellKind cell, int layers)
    {
        using var model = Model(TaskKind.LanguageModel, new() { Cell = cell, Layers = layers, HiddenSize = 21, EmbeddingSize = 9 });
        using var session = new OnnxSession(File(model));
        using var context = ComputeContext.Create(1);
        using var weights = new TokenEncoderWeights(model.Parameters, model.Architecture, useTable: false);
        weights.Pack(context, backward: false);
        var encoder = new TokenEncoder(weights, context);
        bool hasCells = session.Inputs.Contains("c0");
        var random = new Random(layers);
        for (int run = 0; run < Runs; run++)
        {
            var shape = new SequenceShape(random.Next(1, 12), random.Next(1, 7));
            int[] tokens = [.. Enumerable.Range(0, shape.Rows).Select(_ => random.Next(model.Tokenizer.Vocabulary.Count))];
            float[] h0 = [.. Enumerable.Range(0, layers * shape.Batch * 21).Select(_ => 2 * random.NextSingle() - 1)], c0 = [.. h0.Select(value => 1 - 2 * value)];
            int[] states = [layers, shape.Batch, 21];

            var got = hasCells
                ? session.Run(OnnxSession.Tokens(tokens, shape.Time, shape.Batch), OnnxSession.Value("h0", h0, states), OnnxSession.Value("c0", c0, states))
                : session.Run(OnnxSession.Tokens(tokens, shape.Time, shape.Batch), OnnxSession.Value("h0", h0, states));

            context.Workspace.Reset();
            fixed (int* token = tokens)
            fixed (float* hidden = h0, cells = c0)
            {
                float* output = encoder.Forward(shape, token, hidden, cells, default, training: false);
                AssertClose(Logits(model.Parameters, output, shape.Rows), got["logits"], $"run {run}: logits");
            }

            AssertClose(h0, got["hn"], $"run {run}: hn");
            if (hasCells)
                AssertClose(c0, got["cn"], $"run {run}: cn");
        }
    }

    [Theory, MemberData(nameof(LanguageModels))]
    public void A_language_model_gives_the_logits_that_texts_are_sampled_from(CellKind cell, int layers)
    {
        using var model = (LanguageModel)Model(TaskKind.LanguageModel, new() { Cell = cell, Layers = layers, HiddenSize = 16, EmbeddingSize = 8 });
        using var session = new OnnxSession(File(model));
        int[] tokens = [model.StartToken, .. model.Tokenizer.Encode("badcabs")];
        var zeros = session.Inputs.Where(name => name != "tokens").Select(name => OnnxSession.Value(name, new float[layers * 16], layers, 1, 16));

        float[] got = session.Run([OnnxSession.Tokens(tokens, tokens.Length, 1), .. zeros])["logits"];

        using var stepper = model.CreateStepper(1);
        for (int t = 0; t < tokens.Length; t++)
        {
            stepper.Step([tokens[t]]);
            AssertClose(stepper.Logits(0).ToArray(), got.AsSpan(t * stepper.VocabularySize, stepper.VocabularySize), $"step {t}");
        }
    }

    [Theory, MemberData(nameof(LanguageModels))]
    public void A_language_model_that_reads_labels_gives_the_logits_of_each(CellKind cell, int layers)
    {
        using var model = (LanguageModel)Model(TaskKind.LanguageModel, new() { Cell = cell, Layers = layers, HiddenSize = 16, EmbeddingSize = 8 }, conditional: true);
        using var session = new OnnxSession(File(model));
        Assert.Equal(s_labels, JsonSerializer.Deserialize<string[]>(session.Metadata["labels"]));
        int rows = s_labels.Length;
        int[] tokens = [model.StartToken, .. model.Tokenizer.Encode("badcabs")];
        var zeros = session.Inputs.Where(name => name is "h0" or "c0").Select(name => OnnxSession.Value(name, new float[layers * rows * 16], layers, rows, 16));
        var labels = OnnxSession.Value("labels", new long[] { 2, 0, 1 }, rows);

        float[] got = session.Run([OnnxSession.Tokens([.. tokens.SelectMany(token => Enumerable.Repeat(token, rows))], tokens.Length, rows), labels, .. zeros])["logits"];

        using var stepper = model.CreateStepper([2, 0, 1]);
        for (int t = 0; t < tokens.Length; t++)
        {
            stepper.Step([tokens[t], tokens[t], tokens[t]]);
            for (int row = 0; row < rows; row++)
                AssertClose(stepper.Logits(row).ToArray(), got.AsSpan((t * rows + row) * stepper.VocabularySize, stepper.VocabularySize), $"step {t}, row {row}");
        }
    }

    [Theory, MemberData(nameof(Classifiers))]
    public void A_classifier_gives_the_probabilities_of_its_own_classification(CellKind cell, int layers, bool bidirectional, PoolingKind pooling)
    {
        using var model = (SequenceClassifier)Model(
            TaskKind.Classification, new() { Cell = cell, Layers = layers, HiddenSize = 13, EmbeddingSize = 9, Bidirectional = bidirectional, Pooling = pooling });
        using var session = new OnnxSession(File(model));
        var random = new Random(layers);
        for (int run = 0; run < Runs; run++)
        {
            string[] texts = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 15)).Select(_ => Letters[random.Next(Letters.Length)])]))];
            int[][] rows = [.. texts.Select(model.Tokenizer.Encode)];
            int time = rows.Max(row => row.Length) + random.Next(2), batch = rows.Length;
            var tokens = new int[time * batch];
            for (int i = 0; i < tokens.Length; i++)
                tokens[i] = rows[i % batch].ElementAtOrDefault(i / batch);

            float[] got = session.Run(OnnxSession.Tokens(tokens, time, batch), OnnxSession.Value("lengths", [.. rows.Select(row => row.Length)], batch))["probabilities"];

            float[] want = [.. model.Classify(texts, default).SelectMany(result => s_labels.Select(label => (float)result.Probabilities[label]))];
            AssertClose(want, got, $"run {run}");
        }
    }

    [Fact]
    public void Equal_models_give_equal_bytes_and_the_size_is_known_beforehand()
    {
        var architecture = new ArchitectureSettings { HiddenSize = 8, EmbeddingSize = 4, Bidirectional = true, Pooling = PoolingKind.Last };
        using var one = Model(TaskKind.Classification, architecture);
        using var other = Model(TaskKind.Classification, architecture);
        byte[] file = File(one);

        Assert.Equal(file, File(one));
        Assert.Equal(file, File(other));
        Assert.Equal(file.Length, OnnxExport.SizeOf(one));
        other.Parameters["fc.bias"].Values[0] += 1;
        Assert.NotEqual(file, File(other));
    }

    [Fact]
    public void Metadata_tells_what_outputs_and_tokens_stand_for_and_no_more()
    {
        using var classifier = Model(TaskKind.Classification, new() { HiddenSize = 8, EmbeddingSize = 4, Pooling = PoolingKind.Max });
        using var language = (LanguageModel)Model(TaskKind.LanguageModel, new() { HiddenSize = 8, EmbeddingSize = 4 });
        using var tokenizer = new MemoryStream();
        Tokenizers.Save(classifier.Tokenizer, tokenizer);
        string hash = Convert.ToHexStringLower(SHA256.HashData(tokenizer.ToArray()));
        using var ofClassifier = new OnnxSession(File(classifier));
        using var ofLanguage = new OnnxSession(File(language));

        Assert.Equal(s_labels, JsonSerializer.Deserialize<string[]>(ofClassifier.Metadata["labels"]));
        Assert.Equal(["labels", "maximumTokens", "task", "temperature", "vocabulary", "vocabularySha256", "vocabularySize"], ofClassifier.Metadata.Keys.Order());
        Assert.Equal(("classification", "30", "1", "tokenizer.json", hash, "20"),
            (ofClassifier.Metadata["task"], ofClassifier.Metadata["maximumTokens"], ofClassifier.Metadata["temperature"], ofClassifier.Metadata["vocabulary"], ofClassifier.Metadata["vocabularySha256"], ofClassifier.Metadata["vocabularySize"]));
        Assert.Equal(["startToken", "task", "vocabulary", "vocabularySha256", "vocabularySize"], ofLanguage.Metadata.Keys.Order());
        Assert.Equal(("languageModel", "1"), (ofLanguage.Metadata["task"], ofLanguage.Metadata["startToken"]));
    }

    private static SequenceModel Model(TaskKind task, ArchitectureSettings architecture, bool conditional = false)
    {
        bool ofLines = task == TaskKind.LanguageModel;
        var tokenizer = new CharacterTokenizer(new Vocabulary(Letters.Select(letter => letter.ToString()), ofLines), lowerCase: false);
        string[] labels = ofLines && !conditional ? [] : s_labels;
        var parameters = NetworkLayout.Create(task, architecture, tokenizer.Vocabulary.Count, labels.Length);
        OnnxNetwork.FillWithRandom(parameters, new Random(architecture.HiddenSize));
        if (architecture.Cell == CellKind.ReluRnn)
            KeepBounded(parameters);
        return SequenceModel.Create(task, architecture, tokenizer, labels, parameters, maximumTokens: 30);
    }

    /// <summary>Only its weights bound the states of a rectified network: small recurrent ones keep its values of order 1, for which the tolerance is.</summary>
    private static void KeepBounded(ParameterSet parameters)
    {
        foreach (var recurrent in parameters.Parameters.Where(parameter => parameter.Name.StartsWith("rnn.weight_", StringComparison.Ordinal)))
        {
            foreach (ref float weight in recurrent.Values)
                weight *= 0.25f;
        }
    }

    private static byte[] File(SequenceModel model)
    {
        using var file = new MemoryStream();
        OnnxExport.Write(model, file);
        return file.ToArray();
    }

    /// <summary>fc by its definition.</summary>
    private static float[] Logits(ParameterSet parameters, float* values, int rows)
    {
        var (weight, bias) = (parameters["fc.weight"], parameters["fc.bias"]);
        int features = weight.Shape[1];
        var logits = new float[rows * bias.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int output = 0; output < bias.Length; output++)
            {
                double sum = bias.Values[output];
                for (int feature = 0; feature < features; feature++)
                    sum += (double)weight.Values[output * features + feature] * values[row * features + feature];
                logits[row * bias.Length + output] = (float)sum;
            }
        }

        return logits;
    }

    private static void AssertClose(float[] want, ReadOnlySpan<float> got, string what) =>
        s_tolerance.AssertClose(new GoldenTensor(Array.ConvertAll(want, value => (double)value), [want.Length]), got, what);
}
