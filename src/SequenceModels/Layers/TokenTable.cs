using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// The input product of a first layer as a table over the vocabulary: row v is W_ih e_v + b_ih + b_hh, bit for bit what the product gives for that token.
/// Where V is smaller than the rows of a step it is cheaper than a product a row, forwards and backwards.
/// </summary>
internal sealed unsafe class TokenTable : IDisposable
{
    private readonly Parameter _embedding;
    private readonly LstmWeights _weights;
    private readonly NativeBuffer[] _products;
    private readonly NativeBuffer?[] _gradients;

    public TokenTable(Parameter embedding, LstmWeights weights)
    {
        _embedding = embedding;
        _weights = weights;
        _products = new NativeBuffer[weights.Directions];
        _gradients = new NativeBuffer?[weights.Directions];
        for (int d = 0; d < _products.Length; d++)
            _products[d] = new NativeBuffer((long)Vocabulary * weights.GateStride);
    }

    private int Vocabulary => _embedding.Shape[0];

    private int EmbeddingSize => _embedding.Shape[1];

    /// <summary>Floats held for products.</summary>
    public long Length => _products.Sum(p => p.Length);

    public float* Products(int direction) => _products[direction].Pointer;

    public float* Gradients(int direction) => _gradients[direction]!.Pointer;

    /// <summary>Computes the table from packed weights and zeroes its gradients.</summary>
    public void Compute(ComputeContext context, bool backward)
    {
        for (int d = 0; d < _products.Length; d++)
        {
            context.Kernels.Product(
                _embedding.Value, EmbeddingSize, 1, Vocabulary, EmbeddingSize, _weights[d].Input.Pointer, _weights.GateStride, _weights[d].Bias, 0, Products(d), _weights.GateStride, true);
            if (!backward)
                continue;
            _gradients[d] ??= new NativeBuffer(_products[d].Length);
            Memory.Clear(Gradients(d), _products[d].Length);
        }
    }

    /// <summary>Turns the table's gradients into those of W_ih and of the embedding, added to. The biases have theirs from the layer.</summary>
    public void Backward(ComputeContext context)
    {
        int gateStride = _weights.GateStride, size = EmbeddingSize;
        float* packing = context.Workspace.Allocate(PackedMatrix.Size(TransposedProduct.DepthBlock, size));
        for (int d = 0; d < _products.Length; d++)
        {
            var gradients = new GatedGradient(Gradients(d), gateStride, _weights.Stride, _weights.HiddenSize, Vocabulary);
            TransposedProduct.AddAll(context, gradients, _embedding.Value, size, size, _weights[d].InputWeight.Gradient, packing);
            context.Kernels.Product(
                Gradients(d), gateStride, 1, Vocabulary, gateStride, _weights[d].InputBackward!.Pointer, size, _embedding.Gradient, size, _embedding.Gradient, size, false);
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _products)
            buffer.Dispose();
        foreach (var buffer in _gradients)
            buffer?.Dispose();
    }
}
