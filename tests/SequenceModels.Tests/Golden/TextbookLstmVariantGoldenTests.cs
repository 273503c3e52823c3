using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>Sequences through the textbook's LSTMs with peepholes and with each definition of layer normalisation, every gradient, in double precision.</summary>
public sealed class TextbookLstmVariantGoldenTests
{
    private static readonly string[] s_standard = ["weight_ih", "weight_hh", "bias"];

    public static TheoryData<string> Peepholes => GoldenFixtures.Keys("peephole_lstm");

    public static TheoryData<string> LayerNorms => GoldenFixtures.Keys("layernorm_lstm");

    [Theory, MemberData(nameof(Peepholes))]
    public void Peepholes_give_the_golden_outputs_states_and_gradients(string key)
    {
        var golden = GoldenFixtures.Case(key);
        AssertSequence(golden, new TextbookPeepholeLstm(Parameters(golden)));
    }

    [Theory, MemberData(nameof(LayerNorms))]
    public void Layer_normalisation_gives_the_golden_outputs_states_and_gradients(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var placement = golden.Setting("variant") switch
        {
            "ba2016" => LayerNormPlacement.ProductsAndOutput,
            "torch_custom_lstms" => LayerNormPlacement.ProductsAndCell,
            "per_gate" => LayerNormPlacement.GatesAndOutput,
            var other => throw new InvalidDataException($"There is no definition '{other}'."),
        };
        AssertSequence(golden, new TextbookLayerNormLstm(Parameters(golden), placement, golden.Setting("eps", double.NaN)));
    }

    private static void AssertSequence(GoldenCase golden, TextbookCell cell)
    {
        var tolerance = golden.Float64;
        CellState State(string section, string h, string c) => new(golden.Tensor(section, h).AsColumns(), golden.Tensor(section, c).AsColumns());
        var run = new TextbookSequence(cell, golden.Tensor("inputs", "x").AsSteps(), State("inputs", "h0", "c0"));
        tolerance.AssertClose(golden.Tensor("outputs", "output"), run.Outputs.Flatten(), $"{golden}: output");
        AssertState(State("outputs", "h_n", "c_n"), run.Final, "final");

        var gradients = run.Backward(golden.Tensor("upstream", "output").AsSteps(), State("upstream", "h_n", "c_n"));
        tolerance.AssertClose(golden.Tensor("grads", "x"), gradients.X.Flatten(), $"{golden}: dx");
        AssertState(State("grads", "h0", "c0"), gradients.Initial, "d initial");
        foreach (var (name, _) in golden.Tensors("params"))
        {
            var got = name switch
            {
                "weight_ih" => gradients.Parameters.WeightIh,
                "weight_hh" => gradients.Parameters.WeightHh,
                "bias" => gradients.Parameters.BiasIh,
                _ => gradients.Parameters.Further[name],
            };
            tolerance.AssertClose(golden.Tensor("grads", name), got.ToRowMajorArray(), $"{golden}: d {name}");
        }

        void AssertState(CellState want, CellState got, string what)
        {
            tolerance.AssertClose(want.H, got.H, $"{golden}: {what} h");
            tolerance.AssertClose(want.C!, got.C!, $"{golden}: {what} c");
        }
    }

    // Where the case has one bias or none, the others are zeros; a gain a gate stands in one column, gate after gate.
    private static CellParameters Parameters(GoldenCase golden)
    {
        var weight = golden.Tensor("params", "weight_ih").AsRows();
        var none = Matrix<double>.Build.Dense(weight.RowCount, 1);
        return new(weight, golden.Tensor("params", "weight_hh").AsRows(), golden.Has("params", "bias") ? golden.Tensor("params", "bias").AsRows() : none, none)
        {
            Further = golden.Tensors("params").Where(p => !s_standard.Contains(p.Key))
                .ToDictionary(p => p.Key, p => Matrix<double>.Build.DenseOfColumnMajor(p.Value.Values.Length, 1, p.Value.Values)),
        };
    }
}
