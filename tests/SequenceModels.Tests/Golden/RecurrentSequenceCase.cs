using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Runs a golden case of recurrent layers over sequences through the float code.</summary>
internal static class RecurrentSequenceCase
{
    public static void Assert(GoldenCase golden)
    {
        var tolerance = golden.Float32;
        int[] size = golden.Tensor("inputs", "x").Shape; // [T,B,I]
        var shape = new SequenceShape(size[0], size[1], golden.Has("inputs", "lengths") ? golden.Integers("inputs", "lengths") : null);
        bool bidirectional = golden.Setting("bidirectional", absent: false);
        int hidden = golden.Tensor("inputs", "h0").Shape[2];
        using var layers = new FloatRecurrentLayers(Cell(golden), shape, size[2], hidden, golden.Setting("num_layers", 1), bidirectional, name => golden.Tensor("params", name).Floats);

        using var x = FloatRecurrentLayers.Copy(golden.Tensor("inputs", "x").Floats);
        var (h, c) = layers.Forward(x, golden.Tensor("inputs", "h0").Floats, golden.Has("inputs", "c0") ? golden.Tensor("inputs", "c0").Floats : null);
        tolerance.AssertClose(golden.Tensor("outputs", "output"), layers.Output, $"{golden}: output");
        tolerance.AssertClose(golden.Tensor("outputs", "h_n"), h, $"{golden}: h_n");
        if (golden.Has("outputs", "c_n"))
            tolerance.AssertClose(golden.Tensor("outputs", "c_n"), c, $"{golden}: c_n");

        var (dx, dh, dc) = layers.Backward(golden.Tensor("upstream", "output").Floats, golden.Tensor("upstream", "h_n").Floats, golden.Has("upstream", "c_n") ? golden.Tensor("upstream", "c_n").Floats : null);
        tolerance.AssertClose(golden.Tensor("grads", "x"), dx, $"{golden}: dx");
        tolerance.AssertClose(golden.Tensor("grads", "h0"), dh, $"{golden}: dh0");
        if (golden.Has("grads", "c0"))
            tolerance.AssertClose(golden.Tensor("grads", "c0"), dc, $"{golden}: dc0");
        foreach (var parameter in layers.Parameters.Parameters)
            tolerance.AssertClose(golden.Tensor("grads", parameter.Name["rnn.".Length..]), parameter.Gradients, $"{golden}: d {parameter.Name}");
    }

    private static CellKind Cell(GoldenCase golden) => (golden.Has("config", "kind") ? golden.Setting("kind") : "lstm") switch
    {
        "lstm" => CellKind.Lstm,
        "gru" => CellKind.Gru,
        "rnn" => golden.Setting("nonlinearity") == "relu" ? CellKind.ReluRnn : CellKind.Rnn,
        var other => throw new InvalidDataException($"There is no cell '{other}'."),
    };
}
