using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>The float layers with each sort of dropout and with zoneout, masks given. What a case drops is told by the masks that it holds; a mask of the h that gates see is none of this library's options.</summary>
public sealed unsafe class DropoutGoldenTests
{
    public static TheoryData<string> All => GoldenFixtures.Keys("dropout_variants", golden => !golden.Has("inputs", "mask_h"));

    [Theory, MemberData(nameof(All))]
    public void Outputs_states_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        foreach (int threads in new[] { 1, 2 })
            Check(golden, threads);
    }

    private static void Check(GoldenCase golden, int threads)
    {
        using var context = ComputeContext.Create(threads);
        using var parameters = new ParameterSet(golden.Tensors("params").Select(p => (Name(p.Key), p.Value.Shape)));
        foreach (var (name, value) in golden.Tensors("params"))
            value.Floats.CopyTo(parameters[Name(name)].Values);
        int layers = parameters.Parameters.Count(p => p.Name.StartsWith("rnn.weight_ih", StringComparison.Ordinal)), hidden = parameters["rnn.weight_hh_l0"].Shape[1];
        int[] output = golden.Tensor("outputs", "output").Shape;
        var shape = new SequenceShape(output[0], output[1]);
        var dropout = new Dropout(context);
        double p = golden.Setting("p", double.NaN);
        using var rowMask = Factors(golden, "mask_rows", p);
        var embedding = parameters.Find("embedding.weight") is { } table ? new Embedding(table, context) : null;
        int[] tokens = embedding is null ? [] : golden.Integers("inputs", "tokens");
        using var x = embedding is null ? FloatRecurrentLayers.Copy(golden.Tensor("inputs", "x").Floats) : new NativeBuffer((long)shape.Rows * parameters["embedding.weight"].Shape[1]);
        fixed (int* tokensAt = tokens)
            embedding?.Forward(tokensAt, shape.Rows, x.Pointer, rowMask.Pointer);

        var weights = new RecurrentWeights[layers];
        var runs = new RecurrentLayer[layers];
        var masks = Enumerable.Range(0, layers + 1).Select(at => Factors(golden, MaskBefore(at, layers), p)).ToArray();
        using NativeBuffer h = State(golden, "h0", shape, hidden), c = State(golden, "c0", shape, hidden), keptHidden = Kept(golden, "keep_h", hidden), keptCell = Kept(golden, "keep_c", hidden);
        float* values = x.Pointer;
        int features = 0;
        for (int layer = 0; layer < layers; layer++)
        {
            features = parameters[$"rnn.weight_ih_l{layer}"].Shape[1];
            weights[layer] = new RecurrentWeights(parameters, CellKind.Lstm, "rnn", layer, features, hidden, bidirectional: false);
            DropWeights(golden, weights[layer], context, p);
            weights[layer].Pack(context.Team, backward: true);
            runs[layer] = new RecurrentLayer(weights[layer], context);
            values = Masked(context, dropout, masks[layer], values, shape, features);
            if (layer > 0)
            {
                Memory.Clear(h.Pointer, h.Length);
                Memory.Clear(c.Pointer, c.Length);
            }

            values = runs[layer].Forward(shape, LayerInput.FromValues(values), h.Pointer, c.Pointer, training: true, new Zoneout((nint)Pointer(keptHidden), (nint)Pointer(keptCell), 0));
            runs[layer].CopyFinalState(h.Pointer, c.Pointer);
        }

        values = Masked(context, dropout, masks[layers], values, shape, hidden);
        string last = golden.Has("outputs", "h_n") || layers == 1 ? "" : $"_l{layers - 1}";
        golden.Float32.AssertClose(golden.Tensor("outputs", "output"), new ReadOnlySpan<float>(values, shape.Rows * hidden), $"{golden}: output");
        AssertState(golden, "outputs", $"h_n{last}", h);
        AssertState(golden, "outputs", $"c_n{last}", c);

        using NativeBuffer dh = Upstream(golden, $"h_n{last}", h.Length), dc = Upstream(golden, $"c_n{last}", c.Length);
        using var dOutput = FloatRecurrentLayers.Copy(golden.Tensor("upstream", "output").Floats);
        float* gradient = Masked(context, dropout, masks[layers], dOutput.Pointer, shape, hidden);
        for (int layer = layers - 1; layer >= 0; layer--)
        {
            int size = weights[layer].InputSize;
            float* below = context.Workspace.Allocate((long)shape.Rows * size);
            runs[layer].Backward(gradient, below, dh.Pointer, dc.Pointer);
            weights[layer].AddDroppedGradients(context);
            gradient = Masked(context, dropout, masks[layer], below, shape, size);
            AssertState(golden, "grads", "h0", dh);
            AssertState(golden, "grads", "c0", dc);
            Memory.Clear(dh.Pointer, dh.Length);
            Memory.Clear(dc.Pointer, dc.Length);
        }

        fixed (int* tokensAt = tokens)
            embedding?.Backward(tokensAt, shape.Rows, gradient);
        foreach (var (name, want) in golden.Tensors("grads").Where(g => g.Key is not ("h0" or "c0")))
            golden.Float32.AssertClose(want, name == "x" ? new ReadOnlySpan<float>(gradient, want.Values.Length) : parameters[Name(name)].Gradients, $"{golden}: d {name}");
        foreach (var memory in masks)
            memory.Dispose();
        foreach (var layer in weights)
            layer.Dispose();
    }

    private static string Name(string name) => name == "embedding" ? "embedding.weight" : $"rnn.{name}";

    private static string MaskBefore(int layer, int layers) => layer == 0 ? "mask_in" : layer < layers ? "mask_mid" : "mask_out";

    private static float* Pointer(NativeBuffer buffer) => buffer.Length == 0 ? null : buffer.Pointer;

    /// <summary>0 or 1 / (1 - p); empty: there is no such mask.</summary>
    private static NativeBuffer Factors(GoldenCase golden, string name, double p) =>
        golden.Has("inputs", name) ? FloatRecurrentLayers.Copy([.. golden.Tensor("inputs", name).Floats.Select(kept => (float)(kept / (1 - p)))]) : new NativeBuffer(0);

    // A mask of one step is for all of them.
    private static float* Masked(ComputeContext context, Dropout dropout, NativeBuffer mask, float* values, SequenceShape shape, int features)
    {
        if (mask.Length == 0)
            return values;
        int length = shape.Rows * features;
        float* result = context.Workspace.Allocate(length);
        if (mask.Length == length)
            dropout.Apply(mask.Pointer, values, result, length);
        else
            dropout.ApplyLocked(mask.Pointer, values, result, shape.Batch * features, shape.Time);
        return result;
    }

    private static void DropWeights(GoldenCase golden, RecurrentWeights weights, ComputeContext context, double p)
    {
        if (!golden.Has("inputs", "mask_hh"))
            return;
        weights.Drop(context, 0, p, default);
        var dropped = weights[0].Dropped!;
        using var mask = Factors(golden, "mask_hh", p);
        mask.Slice(0, dropped.Mask.Length).CopyTo(dropped.Mask);
        dropped.Apply(context.Kernels);
    }

    /// <summary>[T,B,H] as [T,B,S].</summary>
    private static NativeBuffer Kept(GoldenCase golden, string name, int hidden)
    {
        if (!golden.Has("inputs", name))
            return new NativeBuffer(0);
        float[] kept = golden.Tensor("inputs", name).Floats;
        int stride = PackedMatrix.PaddedColumns(hidden);
        var padded = new NativeBuffer((long)kept.Length / hidden * stride);
        for (int row = 0; row < kept.Length / hidden; row++)
            kept.AsSpan(row * hidden, hidden).CopyTo(padded.Slice((long)row * stride, hidden));
        return padded;
    }

    private static NativeBuffer State(GoldenCase golden, string name, SequenceShape shape, int hidden) =>
        golden.Has("inputs", name) ? FloatRecurrentLayers.Copy(golden.Tensor("inputs", name).Floats) : new NativeBuffer((long)shape.Batch * hidden);

    private static NativeBuffer Upstream(GoldenCase golden, string name, long length) =>
        golden.Has("upstream", name) ? FloatRecurrentLayers.Copy(golden.Tensor("upstream", name).Floats) : new NativeBuffer(length);

    private static void AssertState(GoldenCase golden, string section, string name, NativeBuffer state)
    {
        if (golden.Has(section, name))
            golden.Float32.AssertClose(golden.Tensor(section, name), state.Slice(0, (int)state.Length), $"{golden}: {section} {name}");
    }
}
