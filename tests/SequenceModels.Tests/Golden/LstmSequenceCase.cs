using SequenceModels.Layers;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Runs a golden case of LSTM layers over sequences through the float code.</summary>
internal static class LstmSequenceCase
{
    public static void Assert(GoldenCase golden)
    {
        var tolerance = golden.Float32;
        int[] size = golden.Tensor("inputs", "x").Shape; // [T,B,I]
        var shape = new SequenceShape(size[0], size[1], golden.Has("inputs", "lengths") ? golden.Integers("inputs", "lengths") : null);
        bool bidirectional = golden.Setting("bidirectional", absent: false);
        int hidden = golden.Tensor("inputs", "h0").Shape[2];
        using var lstm = new FloatLstm(shape, size[2], hidden, golden.Setting("num_layers", 1), bidirectional, name => golden.Tensor("params", name).Floats);

        using var x = FloatLstm.Copy(golden.Tensor("inputs", "x").Floats);
        var (h, c) = lstm.Forward(x, golden.Tensor("inputs", "h0").Floats, golden.Tensor("inputs", "c0").Floats);
        tolerance.AssertClose(golden.Tensor("outputs", "output"), lstm.Output, $"{golden}: output");
        tolerance.AssertClose(golden.Tensor("outputs", "h_n"), h, $"{golden}: h_n");
        tolerance.AssertClose(golden.Tensor("outputs", "c_n"), c, $"{golden}: c_n");

        var (dx, dh, dc) = lstm.Backward(golden.Tensor("upstream", "output").Floats, golden.Tensor("upstream", "h_n").Floats, golden.Tensor("upstream", "c_n").Floats);
        tolerance.AssertClose(golden.Tensor("grads", "x"), dx, $"{golden}: dx");
        tolerance.AssertClose(golden.Tensor("grads", "h0"), dh, $"{golden}: dh0");
        tolerance.AssertClose(golden.Tensor("grads", "c0"), dc, $"{golden}: dc0");
        foreach (var parameter in lstm.Parameters.Parameters)
            tolerance.AssertClose(golden.Tensor("grads", parameter.Name["rnn.".Length..]), parameter.Gradients, $"{golden}: d {parameter.Name}");
    }
}
