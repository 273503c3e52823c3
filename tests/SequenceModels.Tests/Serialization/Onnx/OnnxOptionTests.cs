using Microsoft.ML.OnnxRuntime;
using SequenceModels.Serialization.Onnx;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Serialization.Onnx;

/// <summary>Models with each option of the layers, and with all of them, as ONNX files: ONNX Runtime gives what the model gives.</summary>
public sealed class OnnxOptionTests
{
    private const string Letters = "abcdefghijklm";
    private const int Hidden = 12;

    /// <summary>Sums of another order in single precision; values are of order 1.</summary>
    private static readonly Tolerance s_tolerance = new(0, 1e-5);

    private static readonly string[] s_labels = ["dry", "wet", "green"];

    public static TheoryData<string, CellKind> LanguageModels => Cases(TaskKind.LanguageModel);

    public static TheoryData<string, CellKind> Classifiers => Cases(TaskKind.Classification);

    [Theory, MemberData(nameof(LanguageModels))]
    public void A_language_model_gives_the_logits_that_texts_are_sampled_from(string options, CellKind cell)
    {
        foreach (int layers in new[] { 1, 3 })
        {
            using var model = (LanguageModel)Model(TaskKind.LanguageModel, new() { Cell = cell, Layers = layers, HiddenSize = Hidden, EmbeddingSize = layers == 1 ? Hidden : 7 }, options);
            using var session = new OnnxSession(File(model));
            bool learned = model.Architecture.LearnedInitialState;
            string[] names = OnnxCell.Of(cell).HasCellState ? ["h0", "c0"] : ["h0"];
            Assert.Equal(learned ? ["tokens"] : ["tokens", .. names], session.Inputs); // what has a default need not be given
            int[] tokens = [model.StartToken, .. model.Tokenizer.Encode("badcabmlkjihg")];
            NamedOnnxValue[] states = learned ? [] : [.. names.Select(name => OnnxSession.Value(name, new float[layers * Hidden], layers, 1, Hidden))];

            // The second half goes on from the states of the first.
            int half = tokens.Length / 2;
            var first = session.Run([OnnxSession.Tokens(tokens[..half], half, 1), .. states]);
            var second = session.Run([OnnxSession.Tokens(tokens[half..], tokens.Length - half, 1), .. names.Select(name => OnnxSession.Value(name, first[$"{name[0]}n"], layers, 1, Hidden))]);
            float[] got = [.. first["logits"], .. second["logits"]];

            using var stepper = model.CreateStepper(1);
            for (int t = 0; t < tokens.Length; t++)
            {
                stepper.Step([tokens[t]]);
                AssertClose(stepper.Logits(0).ToArray(), got.AsSpan(t * stepper.VocabularySize, stepper.VocabularySize), $"{layers} layers, step {t}");
            }
        }
    }

    [Theory, MemberData(nameof(Classifiers))]
    public void A_classifier_gives_the_probabilities_of_its_own_classification(string options, CellKind cell)
    {
        var random = new Random(3);
        foreach (var (layers, bidirectional, pooling) in new[] { (1, true, PoolingKind.Mean), (2, true, PoolingKind.Last), (2, false, PoolingKind.Last), (3, true, PoolingKind.Max) })
        {
            using var model = (SequenceClassifier)Model(
                TaskKind.Classification, new() { Cell = cell, Layers = layers, HiddenSize = Hidden, EmbeddingSize = 9, Bidirectional = bidirectional, Pooling = pooling }, options);
            using var session = new OnnxSession(File(model));
            for (int run = 0; run < 4; run++)
            {
                string[] texts = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 15)).Select(_ => Letters[random.Next(Letters.Length)])]))];
                int[][] rows = [.. texts.Select(model.Tokenizer.Encode)];
                int time = rows.Max(row => row.Length) + random.Next(2), batch = rows.Length;
                var tokens = new int[time * batch];
                for (int i = 0; i < tokens.Length; i++)
                    tokens[i] = rows[i % batch].ElementAtOrDefault(i / batch);

                float[] got = session.Run(OnnxSession.Tokens(tokens, time, batch), OnnxSession.Value("lengths", [.. rows.Select(row => row.Length)], batch))["probabilities"];

                float[] want = [.. model.Classify(texts, default).SelectMany(result => s_labels.Select(label => (float)result.Probabilities[label]))];
                AssertClose(want, got, $"{layers} layers, {pooling}, run {run}");
            }
        }
    }

    [Fact]
    public void Learned_initial_states_may_be_given_too()
    {
        using var model = (LanguageModel)Model(TaskKind.LanguageModel, new() { Layers = 2, HiddenSize = Hidden, EmbeddingSize = 7 }, "learnedInitialState");
        using var session = new OnnxSession(File(model));
        int[] tokens = [3, 4, 5, 6];
        float[] Logits(params NamedOnnxValue[] states) => session.Run([OnnxSession.Tokens(tokens, 2, 2), .. states])["logits"];
        float[] h0 = model.Parameters["h0"].Values.ToArray(), c0 = model.Parameters["c0"].Values.ToArray();

        Assert.Equal(Logits(), Logits(OnnxSession.Value("h0", h0, 2, 1, Hidden), OnnxSession.Value("c0", c0, 2, 1, Hidden)));
        Assert.NotEqual(Logits(), Logits(OnnxSession.Value("h0", new float[2 * 2 * Hidden], 2, 2, Hidden)));
    }

    private static TheoryData<string, CellKind> Cases(TaskKind task)
    {
        var data = new TheoryData<string, CellKind>();
        foreach (string names in (string[])[.. LayerOptions.Of(task), string.Join('+', LayerOptions.Of(task))])
        {
            foreach (var cell in Enum.GetValues<CellKind>())
                data.Add(names, cell);
        }

        return data;
    }

    private static SequenceModel Model(TaskKind task, ArchitectureSettings architecture, string options)
    {
        architecture = LayerOptions.With(architecture, options.Split('+'));
        bool ofLines = task == TaskKind.LanguageModel;
        var tokenizer = new CharacterTokenizer(new Vocabulary(Letters.Select(letter => letter.ToString()), ofLines), lowerCase: false);
        string[] labels = ofLines ? [] : s_labels;
        var parameters = NetworkLayout.Create(task, architecture, tokenizer.Vocabulary.Count, labels.Length);
        OnnxNetwork.FillWithRandom(parameters, new Random(architecture.HiddenSize));
        return SequenceModel.Create(task, architecture, tokenizer, labels, parameters, maximumTokens: 30);
    }

    private static byte[] File(SequenceModel model)
    {
        using var file = new MemoryStream();
        OnnxExport.Write(model, file);
        Assert.Equal(file.Length, OnnxExport.SizeOf(model));
        return file.ToArray();
    }

    private static void AssertClose(float[] want, ReadOnlySpan<float> got, string what) =>
        s_tolerance.AssertClose(new GoldenTensor(Array.ConvertAll(want, value => (double)value), [want.Length]), got, what);
}
