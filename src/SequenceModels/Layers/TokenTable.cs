using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// The input product of a first layer as a table over the vocabulary: row v is W_ih e_v + biases (normalised where the cell wants it so), bit for bit what the product gives for that token.
/// Where V is smaller than the rows of a step it is cheaper than a product a row, forwards and backwards.
/// </summary>
internal sealed unsafe class TokenTable : IDisposable
{
    private readonly Parameter _embedding;
    private readonly RecurrentWeights _weights;
    private readonly NativeBuffer[] _products;
    private readonly NativeBuffer?[] _gradients;
    private readonly NativeBuffer?[] _normal;
    private readonly NativeBuffer? _scales;
    private readonly Action<int> _computeShare;
    private readonly Action<int> _normalizeShare;
    private readonly Action<int> _weightShare;
    private readonly Action<int> _embeddingShare;
    private readonly Action<int> _gradientShare;
    private ComputeContext? _context;
    private NativeBuffer? _dropped;
    private float* _rowMask;
    private float* _packing;
    private float* _sums;

    public TokenTable(Parameter embedding, RecurrentWeights weights)
    {
        _embedding = embedding;
        _weights = weights;
        _products = new NativeBuffer[weights.Directions];
        _gradients = new NativeBuffer?[weights.Directions];
        for (int d = 0; d < _products.Length; d++)
            _products[d] = new NativeBuffer((long)Vocabulary * weights.InputStride);
        _normal = new NativeBuffer?[weights.Directions];
        _scales = weights.Cell.InputGain is null ? null : new NativeBuffer((long)weights.Directions * Vocabulary);
        (_computeShare, _normalizeShare, _weightShare, _embeddingShare, _gradientShare) = (ComputeShare, NormalizeShare, WeightShare, EmbeddingShare, GradientShare);
    }

    /// <summary>Floats held for products.</summary>
    public long Length => _products.Sum(p => p.Length);

    /// <summary>[V,E] the embedding, or a copy of which rows are dropped.</summary>
    private float* Rows => _rowMask is null ? _embedding.Value : _dropped!.Pointer;

    private int Vocabulary => _embedding.Shape[0];

    private int EmbeddingSize => _embedding.Shape[1];

    /// <summary>Multiply-adds of the product of all tokens.</summary>
    private long Operations => (long)_products.Length * Vocabulary * EmbeddingSize * _weights.InputStride;

    public float* Products(int direction) => _products[direction].Pointer;

    public float* Gradients(int direction) => _gradients[direction]!.Pointer;

    /// <summary>Computes the table from packed weights, and from the embedding's rows times their factors of <paramref name="rowMask"/> [V] if there is one, and zeroes its gradients.</summary>
    public void Compute(ComputeContext context, bool backward, float* rowMask = null)
    {
        _context = context;
        _rowMask = rowMask;
        if (rowMask is not null)
            _dropped ??= new NativeBuffer(_embedding.Length);
        for (int d = 0; d < _products.Length && backward; d++)
        {
            _gradients[d] ??= new NativeBuffer(_products[d].Length);
            Memory.Clear(Gradients(d), _products[d].Length);
            if (_scales is not null)
                _normal[d] ??= new NativeBuffer(_products[d].Length);
        }

        context.Team.Run(_computeShare, Operations);
    }

    /// <summary>Turns the table's gradients into those of W_ih and of the embedding, added to; those of b_ih and of a normalisation too where the layer has not done so.</summary>
    public void Backward(ComputeContext context)
    {
        _context = context;
        if (_scales is not null)
            DifferentiateNormalization();
        _packing = context.Workspace.Allocate(context.Team.Size * TransposedProduct.PackingLength(EmbeddingSize));
        if (_rowMask is null)
        {
            context.Team.Run(_gradientShare, 2 * Operations);
            return;
        }

        // The embedding's share changes what the weights' reads.
        context.Team.Run(_weightShare, Operations);
        context.Team.Run(_embeddingShare, Operations);
    }

    public void Dispose()
    {
        foreach (var buffer in _products)
            buffer.Dispose();
        foreach (var buffer in _gradients)
            buffer?.Dispose();
        _dropped?.Dispose();
        foreach (var buffer in _normal)
            buffer?.Dispose();
        _scales?.Dispose();
    }

    private void ComputeShare(int member)
    {
        var (start, end) = _context!.Team.Share(member, Vocabulary);
        int size = EmbeddingSize, stride = _weights.InputStride;
        for (int v = start; v < end && _rowMask is not null; v++)
        {
            for (int j = 0; j < size; j++)
                Rows[(long)v * size + j] = _embedding.Value[(long)v * size + j] * _rowMask[v];
        }

        for (int d = 0; d < _products.Length && start < end; d++)
        {
            var weights = _weights[d];
            float* result = Products(d) + (long)start * stride, product = _normal[d] is { } normal ? normal.Pointer + (long)start * stride : result;
            _context.Kernels.Product(Rows + (long)start * size, size, 1, end - start, size, weights.Input.Pointer, stride, weights.Bias, 0, product, stride, true);
            if (_scales is not null)
                InputNormalization.Forward(_context.Kernels, _weights, d, product, end - start, Scales(d) + start, result, stride);
        }
    }

    private float* Scales(int d) => _scales!.Pointer + (long)d * Vocabulary;

    private void DifferentiateNormalization()
    {
        long length = InputNormalization.SumsLength(Vocabulary, _weights.InputStride);
        _sums = _context!.Workspace.Allocate(_products.Length * length);
        _context.Team.Run(_normalizeShare, InputNormalization.Operations * (long)_products.Length * Vocabulary * _weights.InputStride);
        for (int d = 0; d < _products.Length; d++)
            InputNormalization.AddGradients(_context.Kernels, _weights, d, _sums + d * length, Vocabulary);
    }

    private void NormalizeShare(int member)
    {
        int stride = _weights.InputStride;
        for (int d = 0; d < _products.Length; d++)
            InputNormalization.Backward(_context!, member, _weights, d, Gradients(d), stride, Vocabulary, _normal[d]!.Pointer, Scales(d), _sums + d * InputNormalization.SumsLength(Vocabulary, stride));
    }

    private void WeightShare(int member)
    {
        int size = EmbeddingSize;
        float* packing = _packing + member * TransposedProduct.PackingLength(size);
        for (int d = 0; d < _products.Length; d++)
        {
            var weights = _weights[d];
            var gradients = new BlockGradient(Gradients(d), _weights.InputStride, _weights.Stride, _weights.HiddenSize, Vocabulary, _weights.Cell.InputOrder);
            float* sums = _weights.Cell.SeparateGate is null ? null : weights.Biases[0].Gradient;
            TransposedProduct.AddShare(_context!, member, gradients, Rows, size, size, weights.InputWeight.Gradient, sums, packing);
        }
    }

    private void GradientShare(int member)
    {
        WeightShare(member);
        EmbeddingShare(member);
    }

    private void EmbeddingShare(int member)
    {
        var (start, end) = _context!.Team.Share(member, Vocabulary);
        int size = EmbeddingSize, stride = _weights.InputStride;
        for (int d = 0; d < _products.Length && start < end; d++)
        {
            for (int v = start; v < end && _rowMask is not null; v++)
                _context.Kernels.Scale(_rowMask[v], Gradients(d) + (long)v * stride, stride); // dE = m (dE'), once the weights' gradient has been taken
            float* gradient = _embedding.Gradient + (long)start * size;
            _context.Kernels.Product(
                Gradients(d) + (long)start * stride, stride, 1, end - start, stride, _weights[d].InputBackward!.Pointer, size, gradient, size, gradient, size, false);
        }
    }
}
