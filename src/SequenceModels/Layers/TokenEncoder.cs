using SequenceModels.Randomness;

namespace SequenceModels.Layers;

/// <summary>Tokens to hidden states: embedding, dropout, and recurrent layers with dropout between them.</summary>
internal sealed unsafe class TokenEncoder
{
    private readonly TokenEncoderWeights _weights;
    private readonly ComputeContext _context;
    private readonly Embedding _embedding;
    private readonly Dropout _dropout;
    private readonly RecurrentLayer[] _layers;
    private readonly nint[] _masks;
    private SequenceShape _shape = new(1, 1);
    private int* _tokens;

    public TokenEncoder(TokenEncoderWeights weights, ComputeContext context)
    {
        _weights = weights;
        _context = context;
        _embedding = new Embedding(weights.Embedding, context);
        _dropout = new Dropout(context);
        _layers = [.. weights.Layers.Select(layer => new RecurrentLayer(layer, context))];
        _masks = new nint[_layers.Length];
    }

    /// <summary>Components of an output step.</summary>
    public int OutputSize => _layers[^1].OutputSize;

    /// <summary>
    /// Runs all sequences.
    /// </summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="tokens">[T,B] tokens, each below V; padding holds any token.</param>
    /// <param name="hidden">[L x D,B,H] initial h, overwritten with the final one; <c>null</c>: 0 and not wanted.</param>
    /// <param name="cell">[L x D,B,H] likewise c.</param>
    /// <param name="dropout">Probability of dropping a component of an embedding (unless there is a table) or of a layer's output but the last; 0 without training.</param>
    /// <param name="random">Key of the masks; Tensor is set by layer.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    /// <returns>[T,B,D x H] in the workspace.</returns>
    public float* Forward(SequenceShape shape, int* tokens, float* hidden, float* cell, double dropout, CounterRandom random, bool training)
    {
        _shape = shape;
        _tokens = tokens;
        var workspace = _context.Workspace;
        LayerInput input;
        _masks[0] = 0;
        if (_weights.Table is { } table)
        {
            input = LayerInput.FromTokens(tokens, table);
        }
        else
        {
            int size = _weights.Embedding.Shape[1];
            float* embedded = workspace.Allocate((long)shape.Rows * size);
            _embedding.Forward(tokens, shape.Rows, embedded);
            input = LayerInput.FromValues(Drop(0, embedded, shape.Rows * size, dropout, random));
        }

        float* output = null;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            long state = StateOffset(layer);
            output = _layers[layer].Forward(shape, input, hidden is null ? null : hidden + state, hidden is null ? null : cell + state, training);
            if (hidden is not null)
                _layers[layer].CopyFinalState(hidden + state, cell + state);
            if (layer == _layers.Length - 1)
                break;
            input = LayerInput.FromValues(Drop(layer + 1, output, shape.Rows * _layers[layer].OutputSize, dropout, random));
        }

        return output;
    }

    /// <summary>Back-propagates <paramref name="outputGradient"/> [T,B,D x H], overwritten, to all parameters; the states' gradients end at the first step (truncated).</summary>
    public void Backward(float* outputGradient)
    {
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            int inputSize = _weights.Layers[layer].InputSize;
            bool ends = layer == 0 && _weights.Table is not null;
            float* inputGradient = ends ? null : _context.Workspace.Allocate((long)_shape.Rows * inputSize);
            _layers[layer].Backward(outputGradient, inputGradient, null, null);
            if (ends)
            {
                _weights.Table!.Backward(_context);
                return;
            }

            if (_masks[layer] != 0)
                _dropout.Apply((float*)_masks[layer], inputGradient, inputGradient, _shape.Rows * inputSize);
            outputGradient = inputGradient;
        }

        _embedding.Backward(_tokens, _shape.Rows, outputGradient);
    }

    private long StateOffset(int layer) => (long)layer * _weights.Layers[0].Directions * _shape.Batch * _weights.Layers[0].HiddenSize;

    /// <summary>The values times a mask of their own, beside: a layer's output is needed as it is by its backward pass.</summary>
    private float* Drop(int layer, float* values, int length, double dropout, CounterRandom random)
    {
        _masks[layer] = 0;
        if (dropout <= 0)
            return values;
        float* mask = _dropout.Draw(random with { Tensor = (uint)layer }, dropout, length);
        _masks[layer] = (nint)mask;
        float* dropped = _context.Workspace.Allocate(length);
        _dropout.Apply(mask, values, dropped, length);
        return dropped;
    }
}
