using SequenceModels.Kernels;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>What becomes of a recurrent layer's output before it is read: y = LN(h + x), either part of which may be missing (docs/equations.md, 16.13 to 16.15). The team shares the rows.</summary>
internal sealed unsafe class LayerOutput
{
    /// <summary>Added to the variance, as PyTorch's <c>LayerNorm</c> does.</summary>
    public const float Epsilon = 1e-5f;
    private readonly ComputeContext _context;
    private readonly int _features;
    private readonly bool _residual;
    private readonly Parameter? _gain;
    private readonly Parameter? _shift;
    private readonly Action<int> _forwardShare;
    private readonly Action<int> _gradientShare;
    private readonly Action<int> _backwardShare;
    private readonly Action<int> _addShare;
    private int _rows;
    private float* _output; // [rows,F] h
    private float* _below; // [rows,F] x
    private float* _sum; // [rows,F] h + x
    private float* _normal; // [rows,F] y
    private float* _statistics; // [rows,2]
    private float* _gradient; // [rows,F] dy, then d(h + x)
    private float* _belowGradient; // [rows,F] dx

    /// <param name="context">Kernels, team and workspace.</param>
    /// <param name="weights">The layers.</param>
    /// <param name="layer">Number of the layer.</param>
    public LayerOutput(ComputeContext context, RecurrentStackWeights weights, int layer)
    {
        _context = context;
        _features = weights.Layers[layer].Directions * weights.Layers[layer].HiddenSize;
        _residual = IsResidual(weights.Architecture, layer);
        if (weights.Norms.Count > 0)
            (_gain, _shift) = weights.Norms[layer];
        (_forwardShare, _gradientShare, _backwardShare, _addShare) = (ForwardShare, GradientShare, BackwardShare, AddShare);
    }

    /// <summary>Whether a layer adds its input: all but the first, whose input is an embedding.</summary>
    public static bool IsResidual(TokenEncoderWeights weights, int layer) => IsResidual(weights.Architecture, layer);

    /// <summary>y.</summary>
    /// <param name="output">[rows,F] h, not to be changed before the backward pass.</param>
    /// <param name="below">[rows,F] x, what the layer read, before dropout.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    /// <returns>[rows,F]: h itself, or in the workspace.</returns>
    public float* Forward(float* output, float* below, int rows, bool training)
    {
        _output = output;
        _below = below;
        _rows = rows;
        _sum = _residual ? _context.Workspace.Allocate((long)rows * _features) : output;
        if (_gain is not null)
        {
            _normal = _context.Workspace.Allocate((long)rows * _features);
            _statistics = training ? _context.Workspace.Allocate((long)rows * LayerNormalization.Statistics) : null;
        }

        if (_residual || _gain is not null)
            _context.Team.Run(_forwardShare);
        return _gain is null ? _sum : _normal;
    }

    /// <summary>dy becomes the gradient of h, in place; adds to those of gain and shift.</summary>
    public void Backward(float* gradient)
    {
        _gradient = gradient;
        if (_gain is null)
            return;
        _context.Team.Run(_gradientShare);
        _context.Team.Run(_backwardShare);
    }

    /// <summary>dx += d(h + x), once the layer's own part of dx is there. After <see cref="Backward"/>.</summary>
    public void AddInputGradient(float* inputGradient)
    {
        _belowGradient = inputGradient;
        if (_residual)
            _context.Team.Run(_addShare);
    }

    private static bool IsResidual(ArchitectureSettings architecture, int layer) => architecture.Residual && layer > 0;

    private void AddShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _rows);
        if (start < end)
            _context.Kernels.Add(_gradient + (long)start * _features, _belowGradient + (long)start * _features, (long)(end - start) * _features);
    }

    private void ForwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _rows);
        const int near = 32; // rows whose sums are still in the first cache when they are normalised
        for (int row = start; row < end; row += near)
        {
            int count = Math.Min(near, end - row);
            long at = (long)row * _features;
            if (_residual)
                _context.Kernels.Sum(_output + at, _below + at, _sum + at, (long)count * _features);
            if (_gain is not null)
            {
                float* statistics = _statistics is null ? null : _statistics + (long)row * LayerNormalization.Statistics;
                _context.Kernels.LayerNormForward(_sum + at, count, _features, _features, _gain.Value, _shift!.Value, Epsilon, _normal + at, statistics);
            }
        }
    }

    // Split over the columns, never over the rows that are summed.
    private void GradientShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _features, 32);
        if (start < end)
            _context.Kernels.LayerNormGradients(_sum + start, _statistics, _gradient + start, _rows, _features, end - start, _gain!.Gradient + start, _shift!.Gradient + start);
    }

    private void BackwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _rows);
        long at = (long)start * _features;
        if (start < end)
            _context.Kernels.LayerNormBackward(_sum + at, _statistics + (long)start * LayerNormalization.Statistics, end - start, _features, _gain!.Value, _gradient + at, _gradient + at);
    }
}
