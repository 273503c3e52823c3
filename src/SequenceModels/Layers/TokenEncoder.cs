using SequenceModels.Randomness;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>Tokens to hidden states: embedding, recurrent layers, and between them dropout, residual connections and normalisation as the architecture says (docs/architecture.md).</summary>
internal sealed unsafe class TokenEncoder
{
    private readonly TokenEncoderWeights _weights;
    private readonly ComputeContext _context;
    private readonly Embedding _embedding;
    private readonly Dropout _dropout;
    private readonly RecurrentLayer[] _layers;
    private readonly DropoutSite[] _inputs;
    private readonly LayerOutput[] _outputs;
    private SequenceShape _shape = new(1, 1);
    private int* _tokens;
    private bool _begins;

    public TokenEncoder(TokenEncoderWeights weights, ComputeContext context)
    {
        _weights = weights;
        _context = context;
        _embedding = new Embedding(weights.Embedding, context);
        _dropout = new Dropout(context);
        _layers = [.. weights.Layers.Select(layer => new RecurrentLayer(layer, context))];
        _inputs = [.. weights.Layers.Select(_ => new DropoutSite(context, weights.Architecture.DropoutKind))];
        _outputs = [.. weights.Layers.Select((_, layer) => new LayerOutput(context, weights, layer))];
    }

    /// <summary>Components of an output step.</summary>
    public int OutputSize => _layers[^1].OutputSize;

    private int StatesOfLayer => _weights.Layers[0].Directions * _shape.Batch * _weights.Layers[0].HiddenSize;

    /// <summary>
    /// Runs all sequences. While training, components of embeddings (unless there is a table) and of layers' outputs but the last are dropped, and states kept, as the architecture says; recurrent weights and
    /// tokens are dropped by the packing of the weights.
    /// </summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="tokens">[T,B] tokens, each below V; padding holds any token.</param>
    /// <param name="hidden">[L x D,B,H] initial h, overwritten with the final one; <c>null</c>: texts begin here, and the final states are not wanted.</param>
    /// <param name="cell">[L x D,B,H] likewise c.</param>
    /// <param name="random">Key of the masks; Tensor is set by <see cref="MaskKeys"/>.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    /// <param name="begins">Whether texts begin here, so that learned initial states, if there are any, take the place of those given.</param>
    /// <returns>[T,B,D x H] in the workspace.</returns>
    public float* Forward(SequenceShape shape, int* tokens, float* hidden, float* cell, CounterRandom random, bool training, bool begins = false)
    {
        _shape = shape;
        _tokens = tokens;
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
            var input = layer == 0 ? FirstInput(random, training) : LayerInput.FromValues(Dropped(layer, output, _weights.Architecture.Dropout, random, training));
            float* states = _layers[layer].Forward(
                shape, input, initialHidden is null ? null : initialHidden + state, initialHidden is null ? null : initialCell + state, training, StatesKept(layer, random, training));
            if (hidden is not null)
                _layers[layer].CopyFinalState(hidden + state, cell + state);
            output = _outputs[layer].Forward(states, output, shape.Rows, training);
        }

        return output;
    }

    /// <summary>
    /// Back-propagates <paramref name="outputGradient"/> [T,B,D x H], overwritten, to all parameters; the states' gradients end at the first step (truncated), or at learned initial states.
    /// </summary>
    public void Backward(float* outputGradient)
    {
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            int inputSize = _weights.Layers[layer].InputSize;
            bool ends = layer == 0 && _weights.Table is not null;
            float* inputGradient = ends ? null : _context.Workspace.Allocate((long)_shape.Rows * inputSize);
            float* hidden = _begins ? _context.Workspace.AllocateZeroed(StatesOfLayer) : null, cell = _begins ? _context.Workspace.AllocateZeroed(StatesOfLayer) : null;
            _outputs[layer].Backward(outputGradient);
            _layers[layer].Backward(outputGradient, inputGradient, hidden, cell);
            _weights.Layers[layer].AddDroppedGradients(_context);
            if (_begins)
            {
                AddRows(_weights.InitialHidden, layer, hidden);
                AddRows(_weights.InitialCell, layer, cell);
            }

            if (ends)
            {
                _weights.Table!.Backward(_context);
                return;
            }

            _inputs[layer].Backward(inputGradient);
            _outputs[layer].AddInputGradient(inputGradient);
            outputGradient = inputGradient;
        }

        _embedding.Backward(_tokens, _shape.Rows, outputGradient);
    }

    private LayerInput FirstInput(CounterRandom random, bool training)
    {
        if (_weights.Table is { } table)
            return LayerInput.FromTokens(_tokens, table);
        float* embedded = _context.Workspace.Allocate((long)_shape.Rows * _weights.Embedding.Shape[1]);
        _embedding.Forward(_tokens, _shape.Rows, embedded, _weights.RowMask);
        return LayerInput.FromValues(Dropped(0, embedded, _weights.Architecture.InputDropout ?? _weights.Architecture.Dropout, random, training));
    }

    private float* Dropped(int layer, float* values, double rate, CounterRandom random, bool training) => _inputs[layer].Forward(
        values, _shape.Time, _shape.Batch * _weights.Layers[layer].InputSize, training ? rate : 0, random with { Tensor = MaskKeys.Input(layer) });

    private Zoneout StatesKept(int layer, CounterRandom random, bool training)
    {
        double rate = _weights.Architecture.Zoneout;
        if (rate <= 0 || !training)
            return new Zoneout(0, 0, (float)rate);
        var weights = _weights.Layers[layer];
        int length = _shape.Rows * weights.Directions * weights.Stride;
        float* hidden = _dropout.Draw(random with { Tensor = MaskKeys.Zoneout(layer, cell: false) }, rate, length, 1, 0);
        float* cell = weights.Cell.HasCellState ? _dropout.Draw(random with { Tensor = MaskKeys.Zoneout(layer, cell: true) }, rate, length, 1, 0) : null;
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
