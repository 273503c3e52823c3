using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Golden;

/// <summary>The float recurrent layers stacked by hand, so that golden tests can give initial states and inputs and read every gradient.</summary>
internal sealed unsafe class FloatRecurrentLayers : IDisposable
{
    private readonly ComputeContext _context;
    private readonly RecurrentWeights[] _weights;
    private readonly RecurrentLayer[] _layers;
    private readonly nint[] _outputs;
    private readonly SequenceShape _shape;
    private readonly int _hiddenSize;
    private readonly int _directions;

    /// <summary>Lays out and fills the parameters; runs nothing yet.</summary>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="inputSize">I.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="layers">L.</param>
    /// <param name="bidirectional">Whether there are two directions.</param>
    /// <param name="values">Gives the values of a parameter by PyTorch's name without a prefix.</param>
    public FloatRecurrentLayers(CellKind cell, SequenceShape shape, int inputSize, int hiddenSize, int layers, bool bidirectional, Func<string, float[]> values)
    {
        _context = ComputeContext.Create(threads: 2);
        (_shape, _hiddenSize, _directions) = (shape, hiddenSize, bidirectional ? 2 : 1);
        int Input(int layer) => layer == 0 ? inputSize : _directions * hiddenSize;
        Parameters = new ParameterSet(Enumerable.Range(0, layers).SelectMany(layer => RecurrentWeights.Shapes(cell, "rnn", layer, Input(layer), hiddenSize, bidirectional)));
        foreach (var parameter in Parameters.Parameters)
            values(parameter.Name["rnn.".Length..]).CopyTo(parameter.Values);
        _weights = [.. Enumerable.Range(0, layers).Select(layer => new RecurrentWeights(Parameters, cell, "rnn", layer, Input(layer), hiddenSize, bidirectional))];
        _layers = [.. _weights.Select(weights => new RecurrentLayer(weights, _context))];
        _outputs = new nint[layers];
        foreach (var weights in _weights)
            weights.Pack(_context.Team, backward: true);
    }

    /// <summary>Parameters and their gradients, under names with the prefix <c>rnn.</c></summary>
    public ParameterSet Parameters { get; }

    /// <summary>[T,B,D x H] of the highest layer.</summary>
    public float[] Output => new ReadOnlySpan<float>((float*)_outputs[^1], _shape.Rows * _layers[^1].OutputSize).ToArray();

    private int States => _directions * _shape.Batch * _hiddenSize;

    /// <summary>Runs all layers from the states given.</summary>
    /// <param name="x">[T,B,I], kept by the caller until the backward pass is over.</param>
    /// <param name="h0">[L x D,B,H].</param>
    /// <param name="c0">[L x D,B,H]; <c>null</c> for cells that have no such state.</param>
    /// <returns>The states after each row's last step, in the same order.</returns>
    public (float[] H, float[] C) Forward(NativeBuffer x, float[] h0, float[]? c0)
    {
        c0 ??= new float[h0.Length];
        using var hidden = Copy(h0);
        using var cell = Copy(c0);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            float* h = hidden.Pointer + layer * States, c = cell.Pointer + layer * States;
            var input = LayerInput.FromValues(layer == 0 ? x.Pointer : (float*)_outputs[layer - 1]);
            _outputs[layer] = (nint)_layers[layer].Forward(_shape, input, h, c, training: true);
            _layers[layer].CopyFinalState(h, c);
        }

        return (hidden.Slice(0, h0.Length).ToArray(), cell.Slice(0, c0.Length).ToArray());
    }

    /// <summary>Differentiates all layers; the parameters' gradients are in <see cref="Parameters"/>.</summary>
    /// <param name="dOutput">[T,B,D x H].</param>
    /// <param name="dh">[L x D,B,H] of the final states.</param>
    /// <param name="dc">[L x D,B,H] of the final states; <c>null</c> for cells that have no such state.</param>
    /// <returns>Gradients of the input and of the initial states.</returns>
    public (float[] X, float[] H, float[] C) Backward(float[] dOutput, float[] dh, float[]? dc)
    {
        dc ??= new float[dh.Length];
        using var hidden = Copy(dh);
        using var cell = Copy(dc);
        var above = Copy(dOutput);
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            var below = new NativeBuffer((long)_shape.Rows * _weights[layer].InputSize);
            _layers[layer].Backward(above.Pointer, below.Pointer, hidden.Pointer + layer * States, cell.Pointer + layer * States);
            above.Dispose();
            above = below;
        }

        using (above)
            return (above.Slice(0, (int)above.Length).ToArray(), hidden.Slice(0, dh.Length).ToArray(), cell.Slice(0, dc.Length).ToArray());
    }

    /// <summary>Native memory with those values.</summary>
    public static NativeBuffer Copy(float[] values)
    {
        var buffer = new NativeBuffer(values.Length);
        values.CopyTo(buffer.Slice(0, values.Length));
        return buffer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weights in _weights)
            weights.Dispose();
        Parameters.Dispose();
        _context.Dispose();
    }
}
