using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Losses;

/// <summary>
/// Output layer, softmax and cross-entropy in one: z = W x + b, loss of a row = log sum exp z - z_target (docs/equations.md).
/// Rows are taken in blocks, so that never more than a block's logits are held. A target below 0 is ignored: no loss, no gradient.
/// </summary>
internal sealed unsafe class SoftmaxCrossEntropy
{
    private const int MostLogitsHeld = 1 << 20;
    private static readonly int[] Block = [0];
    private readonly LinearWeights _weights;
    private readonly ComputeContext _context;
    private readonly Action<int> _rowShare;
    private readonly Action<int> _weightShare;
    private readonly int _block;
    private float* _inputs;
    private float* _inputGradient;
    private int* _targets;
    private float* _losses;
    private float* _logits;
    private float* _packing;
    private float* _classWeights;
    private int* _best;
    private int* _ranks;
    private int _first;
    private int _count;
    private float _scale;

    public SoftmaxCrossEntropy(LinearWeights weights, ComputeContext context)
    {
        _weights = weights;
        _context = context;
        _rowShare = RowShare;
        _weightShare = WeightShare;
        _block = RowsHeld(weights.Stride);
    }

    /// <summary>Rows whose logits are held at a time.</summary>
    /// <param name="stride">Floats of a row of logits.</param>
    public static int RowsHeld(int stride) =>
        Math.Clamp(MostLogitsHeld / stride / TransposedProduct.DepthBlock * TransposedProduct.DepthBlock, TransposedProduct.DepthBlock, 1 << 16);

    /// <summary>Part of each target that is spread evenly over all classes, 0 to below 1 (Szegedy et al. 2016).</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>
    /// The losses of all rows and, if asked for, the gradients of scale x their sum.
    /// </summary>
    /// <param name="inputs">[rows,K] x.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="targets">[rows] target classes; below 0: ignored.</param>
    /// <param name="losses">[rows] receives the loss of each row in nats, times its class weight.</param>
    /// <param name="inputGradient">[rows,K] receives scale x d(sum of losses)/dx; <c>null</c>: no gradients at all. The weights' gradients are added to.</param>
    /// <param name="scale">Factor of the gradients, for a mean 1 / N.</param>
    /// <param name="classWeights">[N] factor of a row's loss by its target, or <c>null</c>.</param>
    /// <param name="best">[rows] receives each row's most probable class, or <c>null</c>.</param>
    /// <param name="ranks">[rows] receives how many classes are more probable than each row's target (of equals those before it), -1 where the row is ignored, or <c>null</c>.</param>
    public void Run(float* inputs, int rows, int* targets, float* losses, float* inputGradient, float scale, float* classWeights = null, int* best = null, int* ranks = null)
    {
        _inputs = inputs;
        _targets = targets;
        _losses = losses;
        _inputGradient = inputGradient;
        _classWeights = classWeights;
        _best = best;
        _ranks = ranks;
        _scale = scale;
        int block = Math.Min(rows, _block);
        _logits = _context.Workspace.Allocate((long)block * _weights.Stride);
        if (inputGradient is not null)
            _packing = _context.Workspace.Allocate(_context.Team.Size * TransposedProduct.PackingLength(_weights.Inputs));
        for (_first = 0; _first < rows; _first += block)
        {
            _count = Math.Min(block, rows - _first);
            _context.Team.Run(_rowShare);
            if (inputGradient is not null)
                _context.Team.Run(_weightShare);
        }
    }

    private void RowShare(int member)
    {
        const int most = 64; // rows whose logits stay in the first cache between product and softmax
        var (start, end) = _context.Team.Share(member, _count);
        for (int row = start; row < end; row += most)
            Rows(row, Math.Min(row + most, end));
    }

    private void Rows(int start, int end)
    {
        int k = _weights.Inputs, stride = _weights.Stride;
        float* inputs = _inputs + (long)(_first + start) * k, logits = _logits + (long)start * stride;
        _weights.Product.Run(_context.Kernels, inputs, k, end - start, _weights.PaddedBias, logits, stride, 0, _weights.Outputs);
        for (int row = start; row < end; row++)
        {
            float* z = _logits + (long)row * stride;
            int target = _targets[_first + row];
            if (_best is not null)
                _best[_first + row] = IndexOfMax(new ReadOnlySpan<float>(z, _weights.Outputs));
            if (_ranks is not null)
                _ranks[_first + row] = target < 0 ? -1 : RankOf(target, new ReadOnlySpan<float>(z, _weights.Outputs));
            if (target < 0)
            {
                _losses[_first + row] = 0;
                Memory.Clear(z, stride);
                continue;
            }

            if (LabelSmoothing > 0)
            {
                Smoothed(_first + row, z, target);
                continue;
            }

            float weight = _classWeights is null ? 1 : _classWeights[target], atTarget = z[target];
            _losses[_first + row] = weight * (_context.Kernels.SoftmaxForward(z, z, stride) - atTarget);
            if (_inputGradient is null)
                continue;

            // dz = scale x (p - y)
            z[target] -= 1;
            float factor = _scale * weight;
            _context.Kernels.Scale(factor, z, stride);
        }

        if (_inputGradient is not null)
            _context.Kernels.Product(logits, stride, 1, end - start, _weights.Outputs, _weights.Backward!.Pointer, k, null, 0, _inputGradient + (long)(_first + start) * k, k, false);
    }

    /// <summary>Loss and logit gradients of one row whose target is w_k ((1 - s) y_k + s / N): the weighted sum of log p over all classes.</summary>
    private void Smoothed(int row, float* z, int target)
    {
        float even = LabelSmoothing / _weights.Outputs, mass = 0, atTargets = 0;
        for (int j = 0; j < _weights.Outputs; j++)
        {
            float wanted = Wanted(j, target, even);
            mass += wanted;
            atTargets += wanted * z[j];
        }

        _losses[row] = mass * _context.Kernels.SoftmaxForward(z, z, _weights.Stride) - atTargets;
        for (int j = 0; j < _weights.Outputs && _inputGradient is not null; j++)
            z[j] = _scale * (mass * z[j] - Wanted(j, target, even));
    }

    private float Wanted(int output, int target, float even) =>
        (_classWeights is null ? 1 : _classWeights[output]) * (even + (output == target ? 1 - LabelSmoothing : 0));

    private void WeightShare(int member)
    {
        int outputs = _weights.Outputs, stride = _weights.Stride;
        var gradients = new BlockGradient(_logits, stride, stride, outputs, _count, Block);
        float* packing = _packing + member * TransposedProduct.PackingLength(_weights.Inputs);
        TransposedProduct.AddShare(
            _context, member, gradients, _inputs + (long)_first * _weights.Inputs, _weights.Inputs, _weights.Inputs, _weights.Weight.Gradient, _weights.Bias!.Gradient, packing);
    }

    private static int RankOf(int target, ReadOnlySpan<float> values)
    {
        int rank = 0;
        float own = values[target];
        for (int i = 0; i < values.Length; i++)
            rank += values[i] > own || (values[i] == own && i < target) ? 1 : 0;
        return rank;
    }

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }
}
