using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// One vector a row, the mean of its own steps' outputs by learned weights: z_t = tanh(W h_t + b), a = softmax over t of u z_t, v = sum over t of a_t h_t (docs/equations.md, 8.13 to 8.19). The team shares the rows.
/// </summary>
internal sealed unsafe class AttentionPooling
{
    private readonly AttentionWeights _weights;
    private readonly ComputeContext _context;
    private readonly Linear _hidden;
    private readonly Action<int> _forwardShare;
    private readonly Action<int> _backwardShare;
    private readonly Action<int> _scoreShare;
    private SequenceShape _shape = new(1, 1);
    private float* _values; // [T,B,F] h
    private float* _tanh; // [T,B,F] z
    private float* _parts; // [B,Steps] a, 0 past a row's length
    private float* _pooled; // [B,F] v
    private float* _gradient; // [B,F] dv
    private float* _valuesGradient; // [T,B,F] dh
    private float* _tanhGradient; // [T,B,F] dz

    /// <param name="weights">W, b and u.</param>
    /// <param name="context">Kernels, team and workspace.</param>
    public AttentionPooling(AttentionWeights weights, ComputeContext context)
    {
        (_weights, _context, _hidden) = (weights, context, new Linear(weights.Hidden, context));
        (_forwardShare, _backwardShare, _scoreShare) = (ForwardShare, BackwardShare, ScoreShare);
    }

    private int Features => _weights.Hidden.Inputs;

    /// <summary>Floats of a row of parts: T rounded up to 16.</summary>
    private int Steps => PackedMatrix.PaddedColumns(_shape.Time);

    /// <summary>Pools over time.</summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="values">[T,B,F], not to be changed before the backward pass.</param>
    /// <returns>[B,F] the pooled vectors, in the workspace.</returns>
    public float* Forward(SequenceShape shape, float* values)
    {
        _shape = shape;
        _values = values;
        _tanh = _hidden.Forward(values, shape.Rows);
        _parts = _context.Workspace.Allocate((long)shape.Batch * Steps);
        _pooled = _context.Workspace.AllocateZeroed((long)shape.Batch * Features);
        _context.Team.Run(_forwardShare);
        return _pooled;
    }

    /// <summary>The gradients of the last <see cref="Forward"/>: overwrites <paramref name="gradient"/> [T,B,F] from <paramref name="outputGradient"/> [B,F], adds to those of the parameters.</summary>
    public void Backward(float* outputGradient, float* gradient)
    {
        _gradient = outputGradient;
        _valuesGradient = gradient;
        _tanhGradient = _context.Workspace.AllocateZeroed((long)_shape.Rows * Features);
        Memory.Clear(gradient, (long)_shape.Rows * Features);
        _context.Team.Run(_backwardShare);
        _context.Team.Run(_scoreShare);
        _hidden.Backward(_tanhGradient, gradient, add: true);
    }

    private void ForwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Batch);
        for (int b = start; b < end; b++)
        {
            float* parts = _parts + (long)b * Steps, pooled = _pooled + (long)b * Features;
            new Span<float>(parts, Steps).Fill(float.NegativeInfinity);
            for (int t = 0; t < Length(b); t++)
            {
                float* tanh = _tanh + Row(t, b);
                _context.Kernels.Map(ElementwiseFunction.Tanh, tanh, tanh, Features);
                parts[t] = _context.Kernels.Dot(_weights.Score.Value, tanh, Features);
            }

            _context.Kernels.SoftmaxForward(parts, parts, Steps);
            for (int t = 0; t < Length(b); t++)
                _context.Kernels.AddScaled(parts[t], _values + Row(t, b), pooled, Features);
        }
    }

    /// <summary>da_t = dv h_t; ds_t = a_t (da_t - sum of a da); dh_t = a_t dv; dz_t = ds_t u; d(W h + b) = dz (1 - z^2). The parts become the ds.</summary>
    private void BackwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Batch);
        for (int b = start; b < end; b++)
        {
            float* parts = _parts + (long)b * Steps, dv = _gradient + (long)b * Features;
            float mean = _context.Kernels.Dot(dv, _pooled + (long)b * Features, Features); // sum of a da = dv (sum of a h) = dv v
            for (int t = 0; t < Length(b); t++)
            {
                float* dz = _tanhGradient + Row(t, b);
                float part = parts[t];
                _context.Kernels.AddScaled(part, dv, _valuesGradient + Row(t, b), Features);
                parts[t] = part * (_context.Kernels.Dot(dv, _values + Row(t, b), Features) - mean);
                _context.Kernels.AddScaled(parts[t], _weights.Score.Value, dz, Features);
                _context.Kernels.TanhBackward(_tanh + Row(t, b), dz, Features);
            }
        }
    }

    /// <summary>du += sum over t and b of ds z, split over its components.</summary>
    private void ScoreShare(int member)
    {
        var (start, end) = _context.Team.Share(member, Features, 16);
        for (int b = 0; b < _shape.Batch && start < end; b++)
        {
            for (int t = 0; t < Length(b); t++)
                _context.Kernels.AddScaled(_parts[(long)b * Steps + t], _tanh + Row(t, b) + start, _weights.Score.Gradient + start, end - start);
        }
    }

    private int Length(int row) => _shape.Lengths?[row] ?? _shape.Time;

    private long Row(int time, int row) => ((long)time * _shape.Batch + row) * Features;
}
