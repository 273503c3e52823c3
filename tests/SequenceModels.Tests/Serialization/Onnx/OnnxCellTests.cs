using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Serialization.Onnx;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;

namespace SequenceModels.Tests.Serialization.Onnx;

/// <summary>Every cell, in one and two directions and layers, run by ONNX Runtime and by the textbook over the same weights.</summary>
public sealed class OnnxCellTests
{
    private const int Runs = 100;

    /// <summary>Single against double precision: values are of order 1, and a unit in the last place of them is 1e-7.</summary>
    private static readonly Tolerance s_tolerance = new(0, 1e-5);

    public static TheoryData<CellKind, int, bool> Networks
    {
        get
        {
            var data = new TheoryData<CellKind, int, bool>();
            foreach (var (cell, layers, bidirectional) in Shapes())
                data.Add(cell, layers, bidirectional);
            return data;
        }
    }

    public static TheoryData<CellKind, int, bool, PoolingKind> Classifiers
    {
        get
        {
            var data = new TheoryData<CellKind, int, bool, PoolingKind>();
            foreach (var (cell, layers, bidirectional) in Shapes())
            {
                foreach (var pooling in Enum.GetValues<PoolingKind>().Where(pooling => pooling is not (PoolingKind.Attention or PoolingKind.Concat)))
                    data.Add(cell, layers, bidirectional, pooling);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Networks))]
    public void A_language_model_gives_the_textbook_s_logits_and_states(CellKind cell, int layers, bool bidirectional)
    {
        var random = new Random(layers);
        using var network = new OnnxNetwork(cell, layers, bidirectional, OnnxNetwork.Vocabulary, random);
        using var session = new OnnxSession(OnnxNetwork.File(OnnxNetworks.LanguageModel(network.Cell, network.Parameters)));
        bool hasCells = network.Cell.HasCellState;
        Assert.Equal(hasCells ? ["c0", "h0", "tokens"] : ["h0", "tokens"], session.Inputs.Order());
        Assert.Equal(hasCells ? ["cn", "hn", "logits"] : ["hn", "logits"], session.Outputs.Order());
        for (int run = 0; run < Runs; run++)
        {
            int time = random.Next(1, 9), batch = random.Next(1, 6);
            int[] tokens = [.. Enumerable.Range(0, time * batch).Select(_ => random.Next(OnnxNetwork.Vocabulary))];
            float[] h0 = States(), c0 = States();
            int[] shape = [network.States, batch, OnnxNetwork.Hidden];

            var got = hasCells
                ? session.Run(OnnxSession.Tokens(tokens, time, batch), OnnxSession.Value("h0", h0, shape), OnnxSession.Value("c0", c0, shape))
                : session.Run(OnnxSession.Tokens(tokens, time, batch), OnnxSession.Value("h0", h0, shape));

            var want = network.Run(tokens, batch, null, h0, c0);
            AssertClose(want.Outputs.Select(network.Linear).Flatten(), got["logits"], $"run {run}: logits");
            AssertClose(want.Final.Select(state => state.H).Flatten(), got["hn"], $"run {run}: hn");
            if (hasCells)
                AssertClose(want.Final.Select(state => state.C!).Flatten(), got["cn"], $"run {run}: cn");

            float[] States() => [.. Enumerable.Range(0, network.States * batch * OnnxNetwork.Hidden).Select(_ => 2 * random.NextSingle() - 1)];
        }
    }

    [Theory, MemberData(nameof(Classifiers))]
    public void A_classifier_gives_the_textbook_s_probabilities(CellKind cell, int layers, bool bidirectional, PoolingKind pooling)
    {
        const int labels = 3;
        var random = new Random(layers);
        using var network = new OnnxNetwork(cell, layers, bidirectional, labels, random);
        using var session = new OnnxSession(OnnxNetwork.File(OnnxNetworks.Classifier(network.Cell, network.Parameters, pooling)));
        for (int run = 0; run < Runs; run++)
        {
            int time = random.Next(1, 9), batch = random.Next(1, 6);
            int[] tokens = [.. Enumerable.Range(0, time * batch).Select(_ => random.Next(OnnxNetwork.Vocabulary))];
            int[] lengths = [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, time + 1))];

            float[] got = session.Run(OnnxSession.Tokens(tokens, time, batch), OnnxSession.Value("lengths", lengths, batch))["probabilities"];

            var outputs = network.Run(tokens, batch, lengths, null, null).Outputs;
            var pooled = Matrix<double>.Build.Dense(network.Directions * OnnxNetwork.Hidden, batch, (feature, row) =>
            {
                var own = outputs.Take(lengths[row]).Select(step => step[feature, row]);
                return pooling switch
                {
                    PoolingKind.Max => own.Max(),
                    PoolingKind.Mean => own.Average(),
                    _ => feature < OnnxNetwork.Hidden ? own.Last() : own.First(),
                };
            });
            var powers = network.Linear(pooled).PointwiseExp();
            var want = Matrix<double>.Build.Dense(labels, batch, (label, row) => powers[label, row] / powers.Column(row).Sum());
            AssertClose(want.ToColumnMajorArray(), got, $"run {run}");
        }
    }

    private static IEnumerable<(CellKind Cell, int Layers, bool Bidirectional)> Shapes() =>
        from cell in Enum.GetValues<CellKind>() from layers in new[] { 1, 2 } from bidirectional in new[] { false, true } select (cell, layers, bidirectional);

    private static void AssertClose(double[] want, float[] got, string what) => s_tolerance.AssertClose(new GoldenTensor(want, [want.Length]), got, what);
}
