using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Sequences through the float GRU with the reset before the product and the LSTMs with peepholes and with each definition of layer normalisation, every gradient, in single precision.</summary>
public sealed class CellVariantGoldenTests
{
    public static TheoryData<string> ResetBeforeSequences => GoldenFixtures.Keys("gru_reset_before", c => c.Has("config", "T"));

    public static TheoryData<string> Peepholes => GoldenFixtures.Keys("peephole_lstm");

    public static TheoryData<string> LayerNorms => GoldenFixtures.Keys("layernorm_lstm");

    [Theory, MemberData(nameof(ResetBeforeSequences))]
    public void A_reset_before_the_product_gives_the_golden_outputs_states_and_gradients(string key) => AssertSequence(GoldenFixtures.Case(key), CellKind.GruResetBefore);

    [Theory, MemberData(nameof(Peepholes))]
    public void Peepholes_give_the_golden_outputs_states_and_gradients(string key) => AssertSequence(GoldenFixtures.Case(key), CellKind.PeepholeLstm);

    [Theory, MemberData(nameof(LayerNorms))]
    public void Layer_normalisation_gives_the_golden_outputs_states_and_gradients(string key)
    {
        var golden = GoldenFixtures.Case(key);
        Assert.Equal((double)SequenceModels.Kernels.RowNormalization.Epsilon, golden.Setting("eps", double.NaN), 1e-12);
        AssertSequence(golden, golden.Setting("variant") switch
        {
            "ba2016" => CellKind.LayerNormLstm,
            "torch_custom_lstms" => CellKind.LayerNormCellLstm,
            "per_gate" => CellKind.LayerNormGatesLstm,
            var other => throw new InvalidDataException($"There is no definition '{other}'."),
        });
    }

    private static void AssertSequence(GoldenCase golden, CellKind kind)
    {
        var tolerance = golden.Float32;
        int[] size = golden.Tensor("inputs", "x").Shape; // [T,B,I]
        bool hasCell = RecurrentCell.Of(kind).HasCellState;
        float[] Floats(string section, string name) => golden.Tensor(section, name).Floats;
        float[]? Cell(string section, string name) => hasCell ? Floats(section, name) : null;
        using var layers = new FloatRecurrentLayers(kind, new SequenceShape(size[0], size[1]), size[2], golden.Tensor("inputs", "h0").Shape[^1], layers: 1, bidirectional: false, Values);
        using var x = FloatRecurrentLayers.Copy(Floats("inputs", "x"));

        var (h, c) = layers.Forward(x, Floats("inputs", "h0"), Cell("inputs", "c0"));

        tolerance.AssertClose(golden.Tensor("outputs", "output"), layers.Output, $"{golden}: output");
        tolerance.AssertClose(golden.Tensor("outputs", "h_n"), h, $"{golden}: h_n");
        if (hasCell)
            tolerance.AssertClose(golden.Tensor("outputs", "c_n"), c, $"{golden}: c_n");

        var (dx, dh, dc) = layers.Backward(Floats("upstream", "output"), Floats("upstream", "h_n"), Cell("upstream", "c_n"));

        tolerance.AssertClose(golden.Tensor("grads", "x"), dx, $"{golden}: dx");
        tolerance.AssertClose(golden.Tensor("grads", "h0"), dh, $"{golden}: dh0");
        if (hasCell)
            tolerance.AssertClose(golden.Tensor("grads", "c0"), dc, $"{golden}: dc0");
        foreach (var parameter in layers.Parameters.Parameters)
            tolerance.AssertClose(golden.Tensor("grads", InCase(parameter.Name["rnn.".Length..])), parameter.Gradients, $"{golden}: d {parameter.Name}");
        Assert.Equal(golden.Tensors("params").Select(p => p.Key).Order(), layers.Parameters.Parameters.Select(p => InCase(p.Name["rnn.".Length..])).Distinct().Order());

        // A case's one bias is ours of the input; a second one, of the state, is zero and has the same gradient.
        float[] Values(string name) => name == "bias_hh_l0" && InCase(name) == "bias" ? new float[Floats("params", "bias").Length] : Floats("params", InCase(name));

        string InCase(string name) => golden.Has("params", name[..^"_l0".Length]) ? name[..^"_l0".Length] : "bias";
    }
}
