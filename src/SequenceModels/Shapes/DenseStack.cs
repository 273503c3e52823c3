using System.Globalization;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;

namespace SequenceModels.Shapes;

/// <summary>Layers without time: h_k = tanh(W_k h_(k-1) + b_k), with dropout before each but behind none (docs/equations.md, 18.3).</summary>
internal sealed unsafe class DenseStack
{
    private readonly ArchitectureSettings _architecture;
    private readonly ComputeContext _context;
    private readonly Linear[] _layers;
    private readonly DropoutSite[] _inputs;
    private readonly nint[] _outputs; // [B,H] of each layer
    private readonly int _inputSize;
    private int _rows;

    public DenseStack(ArchitectureSettings architecture, IReadOnlyList<LinearWeights> weights, ComputeContext context)
    {
        (_architecture, _context, _inputSize) = (architecture, context, weights[0].Inputs);
        _layers = [.. weights.Select(layer => new Linear(layer, context))];
        _inputs = [.. weights.Select(_ => new DropoutSite(context, architecture.DropoutKind))];
        _outputs = new nint[_layers.Length];
    }

    public int OutputSize => _layers[^1].OutputSize;

    /// <summary>Names and shapes of the parameters.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Shapes(ArchitectureSettings architecture, int inputSize) =>
        Enumerable.Range(0, architecture.Layers).SelectMany(layer => LinearWeights.Shapes(Name(layer), layer == 0 ? inputSize : architecture.HiddenSize, architecture.HiddenSize));

    /// <summary>A layer's name.</summary>
    public static string Name(int layer) => string.Create(CultureInfo.InvariantCulture, $"dense.{layer}");

    /// <summary>[rows,H] the last layer's outputs, in the workspace.</summary>
    /// <param name="values">[rows,I].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="random">Key of the masks.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    public float* Forward(float* values, int rows, CounterRandom random, bool training)
    {
        _rows = rows;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            int size = layer == 0 ? _inputSize : OutputSize;
            double rate = !training ? 0 : layer == 0 ? _architecture.InputDropout ?? _architecture.Dropout : _architecture.Dropout;
            values = _layers[layer].Forward(_inputs[layer].Forward(values, 1, rows * size, rate, random with { Tensor = random.Tensor + MaskKeys.Input(layer) }), rows);
            _context.Kernels.Map(ElementwiseFunction.Tanh, values, values, (long)rows * OutputSize);
            _outputs[layer] = (nint)values;
        }

        return values;
    }

    /// <summary>Back-propagates to all parameters, and to the input.</summary>
    /// <param name="gradient">[rows,H] of the outputs, overwritten.</param>
    /// <param name="inputGradient">[rows,I] receives that of the input; <c>null</c>: not wanted.</param>
    public void Backward(float* gradient, float* inputGradient)
    {
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            float* below = layer == 0 && inputGradient is not null ? inputGradient : _context.Workspace.Allocate((long)_rows * (layer == 0 ? _inputSize : OutputSize));
            _context.Kernels.TanhBackward((float*)_outputs[layer], gradient, (long)_rows * OutputSize);
            _layers[layer].Backward(gradient, below);
            _inputs[layer].Backward(below);
            gradient = below;
        }
    }
}
