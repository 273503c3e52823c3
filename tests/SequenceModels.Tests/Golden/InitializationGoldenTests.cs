using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Every scheme of initial weights: bounds and moments of samples, orthogonal matrices, fans of stacked gates, forget biases and gains.</summary>
public sealed class InitializationGoldenTests
{
    private static readonly CounterRandom s_random = new(11, RandomPurpose.Initialization);

    public static TheoryData<string> All => GoldenFixtures.Keys("init");

    // One test for all, so that a case of a sort that nobody knows fails.
    [Theory, MemberData(nameof(All))]
    public void Initial_weights_are_as_the_golden_case_says(string key)
    {
        var golden = GoldenFixtures.Case(key);
        if (golden.Has("config", "distribution"))
            AssertSample(golden);
        else if (golden.Has("inputs", "gaussian"))
            AssertOrthogonal(golden);
        else if (golden.Has("outputs", "per_gate_bound"))
            AssertFansOfGates(golden);
        else if (golden.Has("outputs", "bias_ih"))
            AssertForgetBias(golden);
        else if (golden.Has("outputs", "leaky_relu"))
            AssertGains(golden);
        else
            Assert.Fail($"{golden}: unknown sort of initialisation.");
    }

    private static void AssertSample(GoldenCase golden)
    {
        var values = new float[golden.Setting("n", 0)];
        Assert.NotEmpty(values);
        Fill(golden, values);
        double deviation = golden.At("outputs", "std").GetDouble();
        double mean = values.Average(value => (double)value);
        double variance = values.Average(value => (value - mean) * (value - mean));
        float most = values.Max(Math.Abs);
        var allowed = golden.At("outputs", "test_tolerance");

        Assert.InRange(Math.Abs(mean), 0, allowed.GetProperty("mean_abs_max").GetDouble());
        Assert.InRange(Math.Abs(variance / (deviation * deviation) - 1), 0, allowed.GetProperty("var_rel_max").GetDouble());
        if (golden.Has("outputs", "bound"))
            Assert.InRange(most, allowed.GetProperty("max_abs_ge").GetDouble(), allowed.GetProperty("max_abs_le").GetDouble() * (1 + 1e-6)); // the bound rounded to a float
        else
            Assert.True(most > 2 * deviation, $"{golden}: a normal distribution has tails; the largest value is {most}.");
    }

    // The scheme is told by what the case gives: both fans, one fan and a gain, one fan alone, H alone, or nothing.
    private static void Fill(GoldenCase golden, float[] values)
    {
        bool uniform = golden.Setting("distribution") == "uniform";
        Assert.True(uniform || golden.Setting("distribution") == "normal", $"{golden}: unknown distribution.");
        int fanIn = golden.Setting("fan_in", 0), fanOut = golden.Setting("fan_out", 0);
        double gain = golden.Setting("gain", double.NaN);
        if (fanOut > 0 && uniform)
            Initialization.XavierUniform(values, fanIn, fanOut, s_random, gain);
        else if (fanOut > 0)
            Initialization.XavierNormal(values, fanIn, fanOut, s_random, gain);
        else if (!double.IsNaN(gain) && uniform)
            Initialization.HeUniform(values, fanIn, s_random, gain);
        else if (gain == 1)
            Initialization.LecunNormal(values, fanIn, s_random);
        else if (!double.IsNaN(gain))
            Initialization.HeNormal(values, fanIn, s_random, gain);
        else if (uniform)
            Initialization.FanInUniform(values, fanIn > 0 ? fanIn : golden.Setting("hidden_size", 0), s_random);
        else
            Initialization.Normal(values, 1, s_random);
    }

    private static void AssertOrthogonal(GoldenCase golden)
    {
        int rows = golden.Setting("rows", 0), columns = golden.Setting("cols", 0);
        double gain = golden.Setting("gain", 1.0);
        var gaussian = golden.Tensor("inputs", "gaussian").AsRows();
        var values = new float[rows * columns];
        Initialization.Orthogonal(values, rows, columns, rows >= columns ? gaussian : gaussian.Transpose(), gain);
        golden.Float32.AssertClose(golden.Tensor("outputs", "weight"), values, $"{golden}: weight");

        Initialization.Orthogonal(values, rows, columns, s_random, gain);
        var weight = Matrix<double>.Build.Dense(rows, columns, (i, j) => values[i * columns + j]);
        golden.Float32.AssertClose(golden.At("outputs", "frobenius_norm").GetDouble(), weight.FrobeniusNorm(), $"{golden}: norm of a random one");
        golden.Float32.AssertClose(golden.Tensor("outputs", "singular_values"), weight.Svd(computeVectors: false).S.ToArray(), $"{golden}: singular values of a random one");
    }

    private static void AssertFansOfGates(GoldenCase golden)
    {
        int hidden = golden.Setting("hidden_size", 0), inputs = golden.Setting("input_size", 0);
        using var parameters = Network(inputs, hidden);
        double bound = golden.At("outputs", "per_gate_bound").GetDouble(), naive = golden.At("outputs", "whole_matrix_bound").GetDouble();
        foreach (float[] gate in parameters["rnn.weight_ih_l0"].Values.ToArray().Chunk(hidden * inputs))
            Assert.InRange(gate.Max(Math.Abs), naive, bound * (1 + 1e-6));
    }

    private static void AssertForgetBias(GoldenCase golden)
    {
        int hidden = golden.Setting("hidden_size", 0);
        using var parameters = Network(inputs: 4, hidden);
        var total = parameters["rnn.bias_ih_l0"].Values.ToArray().Zip(parameters["rnn.bias_hh_l0"].Values.ToArray(), (a, b) => a + b).ToArray();
        golden.Float32.AssertClose(golden.Tensor("outputs", "bias_ih"), parameters["rnn.bias_ih_l0"].Values, $"{golden}: bias_ih");
        golden.Float32.AssertClose(golden.Tensor("outputs", "bias_hh"), parameters["rnn.bias_hh_l0"].Values, $"{golden}: bias_hh");
        golden.Float32.AssertClose(golden.Tensor("outputs", "total"), total, $"{golden}: total");
        golden.Float32.AssertClose(golden.At("outputs", "forget_gate_at_zero_input").GetDouble(), 1 / (1 + Math.Exp(-total[hidden])), $"{golden}: forget gate");
    }

    private static void AssertGains(GoldenCase golden)
    {
        foreach (var want in golden.At("outputs").EnumerateObject())
        {
            double got = want.Name switch
            {
                "linear" => Gains.Linear,
                "sigmoid" => Gains.Sigmoid,
                "tanh" => Gains.Tanh,
                "relu" => Gains.Relu,
                "leaky_relu" => Gains.LeakyRelu(),
                _ => throw new InvalidDataException($"{golden}: unknown nonlinearity '{want.Name}'."),
            };
            golden.Float64.AssertClose(want.Value.GetDouble(), got, $"{golden}: {want.Name}");
        }
    }

    private static ParameterSet Network(int inputs, int hidden)
    {
        var parameters = new ParameterSet(RecurrentWeights.Shapes(CellKind.Lstm, "rnn", 0, inputs, hidden, bidirectional: false));
        Initialization.Network(parameters, CellKind.Lstm, hidden, embeddingDeviation: 1, seed: 5);
        return parameters;
    }
}
