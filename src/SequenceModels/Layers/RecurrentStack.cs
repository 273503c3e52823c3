using SequenceModels.Randomness;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>Stacked recurrent layers, and between them dropout, residual connections and normalisation as the architecture says (docs/architecture.md).</summary>
internal sealed unsafe class RecurrentStack
{
    private readonly RecurrentStackWeights _weights;
    private readonly ComputeContext _context;
    private readonly Dropout _dropout;
    private readonly RecurrentLayer[] _layers;
    private readonly DropoutSite[] _inputs;
    private readonly LayerOutput[] _outputs;
    private SequenceShape _shape = new(1, 1);
    private bool _begins;

    public RecurrentStack(RecurrentStackWeights weights, ComputeContext context)
    {
        _weights = weights;
        _context = context;
        _dropout = new Dropout(context);
        _layers = [.. weights.Layers.Select(layer => new RecurrentLayer(layer, context))];
        _inputs = [.. weights.Layers.Select(_ => new DropoutSite(context, weights.Architecture.DropoutKind))];
        _outputs = [.. weights.Layers.Select((_, layer) => new LayerOutput(context, weights, layer))];
    }

    /// <summary>Components of an output step.</summary>
    public int OutputSize => _layers[^1].OutputSize;

    private int StatesOfLayer => _weights.Layers[0].Directions * _shape.Batch * _weights.Layers[0].HiddenSize;

    /// <summary>
    /// Runs all sequences. While training, components of what is read (unless it comes from a table) and of layers' outputs but the last are dropped, and states kept, as the architecture says; recurrent weights
    /// are dropped by the packing of the weights.
    /// </summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="input">[T,B,I] values, or tokens and a table of their input products.</param>
    /// <param name="hidden">[L x D,B,H] initial h, overwritten with the final one; <c>null</c>: sequences begin here, and the final states are not wanted.</param>
    /// <param name="cell">[L x D,B,H] likewise c.</param>
    /// <param name="random">Key of the masks; Tensor is what <see cref="MaskKeys"/> are counted from.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    /// <param name="begins">Whether sequences begin here, so that learned initial states, if there are any, take the place of those given.</param>
    /// <returns>[T,B,D x H] in the workspace.</returns>
    public float* Forward(SequenceShape shape, in LayerInput input, float* hidden, float* cell, CounterRandom random, bool training, bool begins = false)
    {
        _shape = shape;
        _begins = _weights.InitialHidden is not null && (begins || hidden is null);
        float* initialHidden = hidden, initialCell = cell;
        if (_begins)
        {
            int states = _layers.Length * StatesOfLayer;
            initialHidden = hidden is not null ? hidden : _context.Workspace.Allocate(states);
            initialCell = hidden is not null ? cell : _context.Workspace.Allocate(states);
            FillRows(_weights.InitialHidden, initialHidden);
            FillRows(_weights.InitialCell, initialCell);
        }

        float* output = null;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            int state = layer * StatesOfLayer;
            float* states = _layers[layer].Forward(
                shape, Input(layer, layer == 0 ? input : LayerInput.FromValues(output), random, training), initialHidden is null ? null : initialHidden + state,
                initialHidden is null ? null : initialCell + state, training, StatesKept(layer, random, training));
            if (hidden is not null)
                _layers[layer].CopyFinalState(hidden + state, cell + state);
            output = _outputs[layer].Forward(states, output, shape.Rows, training);
        }

        return output;
    }

    /// <summary>Back-propagates <paramref name="outputGradient"/> to all parameters, and on to the input and the states before the first step where they are wanted; learned initial states get theirs.</summary>
    /// <param name="outputGradient">[T,B,D x H] dL/d output, overwritten.</param>
    /// <param name="inputGradient">[T,B,I] receives dL/d input; <c>null</c>: not wanted, or there is a table.</param>
    /// <param name="hiddenGradient">[L x D,B,H] dL/d final h, overwritten with dL/d initial h; <c>null</c>: 0 and not wanted (truncated).</param>
    /// <param name="cellGradient">[L x D,B,H] likewise for c.</param>
    public void Backward(float* outputGradient, float* inputGradient, float* hiddenGradient = null, float* cellGradient = null)
    {
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            float* below = layer == 0 ? inputGradient : _context.Workspace.Allocate((long)_shape.Rows * _weights.Layers[layer].InputSize);
            float* hidden = StateGradient(hiddenGradient, layer), cell = StateGradient(cellGradient, layer);
            _outputs[layer].Backward(outputGradient);
            _layers[layer].Backward(outputGradient, below, hidden, cell);
            _weights.Layers[layer].AddDroppedGradients(_context);
            if (_begins)
            {
                AddRows(_weights.InitialHidden, layer, hidden);
                AddRows(_weights.InitialCell, layer, cell);
            }

            if (below is null)
                return;
            _inputs[layer].Backward(below);
            _outputs[layer].AddInputGradient(below);
            outputGradient = below;
        }
    }

    private float* StateGradient(float* given, int layer) =>
        given is not null ? given + layer * StatesOfLayer : _begins ? _context.Workspace.AllocateZeroed(StatesOfLayer) : null;

    private LayerInput Input(int layer, in LayerInput input, CounterRandom random, bool training)
    {
        if (input.Values is null)
            return input;
        var architecture = _weights.Architecture;
        double rate = !training ? 0 : layer == 0 ? architecture.InputDropout ?? architecture.Dropout : architecture.Dropout;
        return LayerInput.FromValues(_inputs[layer].Forward(
            input.Values, _shape.Time, _shape.Batch * _weights.Layers[layer].InputSize, rate, random with { Tensor = random.Tensor + MaskKeys.Input(layer) }));
    }

    private Zoneout StatesKept(int layer, CounterRandom random, bool training)
    {
        double rate = _weights.Architecture.Zoneout;
        if (rate <= 0 || !training)
            return new Zoneout(0, 0, (float)rate);
        var weights = _weights.Layers[layer];
        int length = _shape.Rows * weights.Directions * weights.Stride;
        float* hidden = _dropout.Draw(random with { Tensor = random.Tensor + MaskKeys.Zoneout(layer, cell: false) }, rate, length, 1, 0);
        float* cell = weights.Cell.HasCellState ? _dropout.Draw(random with { Tensor = random.Tensor + MaskKeys.Zoneout(layer, cell: true) }, rate, length, 1, 0) : null;
        return new Zoneout((nint)hidden, (nint)cell, (float)rate);
    }

    /// <summary>A learned state [L x D,1,H] for each row, [L x D,B,H].</summary>
    private void FillRows(Parameter? learned, float* states)
    {
        int size = _weights.Layers[0].HiddenSize;
        for (long i = 0; learned is not null && i < learned.Length / size * (long)_shape.Batch; i++)
            Memory.Copy(learned.Value + i / _shape.Batch * size, states + i * size, size);
    }

    /// <summary>The gradient of a learned state += the sum over rows of a layer's [D,B,H], in the order of the rows.</summary>
    private void AddRows(Parameter? learned, int layer, float* gradients)
    {
        int size = _weights.Layers[0].HiddenSize, directions = _weights.Layers[0].Directions;
        for (int i = 0; learned is not null && i < directions * _shape.Batch; i++)
            _context.Kernels.Add(gradients + (long)i * size, learned.Gradient + ((long)layer * directions + i / _shape.Batch) * size, size);
    }
}
