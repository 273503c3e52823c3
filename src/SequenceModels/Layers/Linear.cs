using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>y = W x + b for many rows, inside a network. The team shares the rows; of the weights' gradients, their rows.</summary>
internal sealed unsafe class Linear
{
    private static readonly int[] Block = [0];
    private readonly LinearWeights _weights;
    private readonly ComputeContext _context;
    private readonly Action<int> _forwardShare;
    private readonly Action<int> _weightShare;
    private readonly Action<int> _inputShare;
    private int _rows;
    private float* _inputs;
    private float* _padded;
    private float* _result;
    private float* _gradient;
    private float* _packing;
    private bool _adding;

    /// <param name="weights">W [N,K] and b, packed.</param>
    /// <param name="context">Kernels, team and workspace.</param>
    public Linear(LinearWeights weights, ComputeContext context)
    {
        (_weights, _context) = (weights, context);
        (_forwardShare, _weightShare, _inputShare) = (ForwardShare, WeightShare, InputShare);
    }

    /// <summary>N.</summary>
    public int OutputSize => _weights.Outputs;

    /// <summary>y of each row.</summary>
    /// <param name="inputs">[rows,K] x, not to be changed before the backward pass.</param>
    /// <param name="rows">Number of rows.</param>
    /// <returns>[rows,N] in the workspace.</returns>
    public float* Forward(float* inputs, int rows)
    {
        _inputs = inputs;
        _rows = rows;
        _padded = _context.Workspace.Allocate((long)rows * _weights.Stride);
        _result = _weights.Stride == _weights.Outputs ? _padded : _context.Workspace.Allocate((long)rows * _weights.Outputs);
        _context.Team.Run(_forwardShare);
        return _result;
    }

    /// <summary>dW += sum over rows of dy x^T, db += sum over rows of dy, dx = W^T dy.</summary>
    /// <param name="outputGradient">[rows,N] dy.</param>
    /// <param name="inputGradient">[rows,K] dx, overwritten.</param>
    /// <param name="add">Whether dx is added to <paramref name="inputGradient"/> instead.</param>
    public void Backward(float* outputGradient, float* inputGradient, bool add = false)
    {
        _gradient = outputGradient;
        _result = inputGradient;
        _adding = add;
        _packing = _context.Workspace.Allocate(_context.Team.Size * TransposedProduct.PackingLength(_weights.Inputs));
        _context.Team.Run(_weightShare);
        _context.Team.Run(_inputShare);
    }

    private void ForwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _rows);
        if (start >= end)
            return;
        int k = _weights.Inputs, n = _weights.Outputs, stride = _weights.Stride;
        _weights.Product.Run(_context.Kernels, _inputs + (long)start * k, k, end - start, _weights.PaddedBias, _padded + (long)start * stride, stride, 0, n);
        for (int row = start; row < end && stride != n; row++)
            Memory.Copy(_padded + (long)row * stride, _result + (long)row * n, n);
    }

    private void WeightShare(int member)
    {
        int k = _weights.Inputs, n = _weights.Outputs;
        var gradients = new BlockGradient(_gradient, n, n, n, _rows, Block);
        TransposedProduct.AddShare(
            _context, member, gradients, _inputs, k, k, _weights.Weight.Gradient, _weights.Bias is null ? null : _weights.Bias.Gradient, _packing + member * TransposedProduct.PackingLength(k));
    }

    private void InputShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _rows);
        if (start >= end)
            return;
        int k = _weights.Inputs, n = _weights.Outputs;
        float* destination = _result + (long)start * k;
        _context.Kernels.Product(_gradient + (long)start * n, n, 1, end - start, n, _weights.Backward!.Pointer, k, _adding ? destination : null, k, destination, k, false);
    }
}
