using SequenceModels.Randomness;

namespace SequenceModels.Layers;

/// <summary>Tokens to hidden states: embedding, then stacked recurrent layers.</summary>
internal sealed unsafe class TokenEncoder
{
    private readonly TokenEncoderWeights _weights;
    private readonly ComputeContext _context;
    private readonly Embedding _embedding;
    private readonly LabelEmbedding? _labels;
    private readonly RecurrentStack _stack;
    private SequenceShape _shape = new(1, 1);
    private int* _tokens;

    public TokenEncoder(TokenEncoderWeights weights, ComputeContext context)
    {
        _weights = weights;
        _context = context;
        _embedding = new Embedding(weights.Embedding, context);
        _labels = weights.LabelEmbedding is { } labels ? new LabelEmbedding(labels, context) : null;
        _stack = new RecurrentStack(weights.Stack, context);
    }

    /// <summary>Components of an output step.</summary>
    public int OutputSize => _stack.OutputSize;

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
    /// <param name="labels">[B] labels of the rows; only for a network that reads them.</param>
    /// <returns>[T,B,D x H] in the workspace.</returns>
    public float* Forward(SequenceShape shape, int* tokens, float* hidden, float* cell, CounterRandom random, bool training, bool begins = false, int* labels = null)
    {
        _shape = shape;
        _tokens = tokens;
        return _stack.Forward(shape, Input(labels), hidden, cell, random, training, begins);
    }

    /// <summary>
    /// Back-propagates <paramref name="outputGradient"/> [T,B,D x H], overwritten, to all parameters; the states' gradients end at the first step (truncated), or at learned initial states.
    /// </summary>
    public void Backward(float* outputGradient)
    {
        float* inputGradient = _weights.Table is not null ? null : _context.Workspace.Allocate((long)_shape.Rows * _weights.Embedding.Shape[1]);
        _stack.Backward(outputGradient, inputGradient);
        if (_weights.Table is { } table)
        {
            table.Backward(_context);
            return;
        }

        _labels?.Backward(inputGradient);
        _embedding.Backward(_tokens, _shape.Rows, inputGradient);
    }

    private LayerInput Input(int* labels)
    {
        if (_weights.Table is { } table)
            return LayerInput.FromTokens(_tokens, table);
        float* embedded = _context.Workspace.Allocate((long)_shape.Rows * _weights.Embedding.Shape[1]);
        _embedding.Forward(_tokens, _shape.Rows, embedded, _weights.RowMask);
        _labels?.Forward(_shape, labels, embedded);
        return LayerInput.FromValues(embedded);
    }
}
