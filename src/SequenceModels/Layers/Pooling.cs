using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>One vector a row from the outputs of all its time steps; steps past a row's length do not count. The team shares the rows.</summary>
internal sealed unsafe class Pooling
{
    private readonly ComputeContext _context;
    private readonly PoolingKind _kind;
    private readonly int _features;
    private readonly int _directions;
    private readonly Action<int> _forwardShare;
    private readonly Action<int> _backwardShare;
    private SequenceShape _shape = new(1, 1);
    private float* _values;
    private float* _pooled;
    private float* _choices;

    /// <param name="context">Kernels, team and workspace.</param>
    /// <param name="kind">Mean, maximum or last state (the first half's last step, for two directions the second half's first).</param>
    /// <param name="features">F.</param>
    /// <param name="directions">1 or 2.</param>
    public Pooling(ComputeContext context, PoolingKind kind, int features, int directions)
    {
        (_context, _kind, _features, _directions) = (context, kind, features, directions);
        (_forwardShare, _backwardShare) = (ForwardShare, BackwardShare);
    }

    /// <summary>Pools over time.</summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="values">[T,B,F].</param>
    /// <param name="training">Whether <see cref="Backward"/> follows.</param>
    /// <returns>[B,F] the pooled vectors, in the workspace.</returns>
    public float* Forward(SequenceShape shape, float* values, bool training)
    {
        int length = shape.Batch * _features;
        _shape = shape;
        _values = values;
        _pooled = _context.Workspace.Allocate(length);
        _choices = training && _kind == PoolingKind.Max ? _context.Workspace.AllocateZeroed(length) : null;
        _context.Team.Run(_forwardShare);
        return _pooled;
    }

    /// <summary>The gradients of the last <see cref="Forward"/>: overwrites <paramref name="gradient"/> [T,B,F] from <paramref name="outputGradient"/> [B,F].</summary>
    public void Backward(float* outputGradient, float* gradient)
    {
        _pooled = outputGradient;
        _values = gradient;
        _context.Team.Run(_backwardShare);
    }

    private void ForwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Batch);
        for (int b = start; b < end; b++)
        {
            int length = _shape.Lengths?[b] ?? _shape.Time;
            float* pooled = _pooled + (long)b * _features;
            if (_kind == PoolingKind.Last)
            {
                for (int j = 0; j < _features; j++)
                    pooled[j] = Row(LastStep(j, length), b)[j];
                continue;
            }

            Memory.Copy(Row(0, b), pooled, _features);
            for (int t = 1; t < length; t++)
            {
                if (_kind == PoolingKind.Max) // among equal maxima the first step wins
                    _context.Kernels.Maximum(Row(t, b), pooled, _choices is null ? null : _choices + (long)b * _features, t, _features);
                else
                    _context.Kernels.Add(Row(t, b), pooled, _features);
            }

            for (int j = 0; j < _features && _kind == PoolingKind.Mean; j++)
                pooled[j] /= length;
        }
    }

    private void BackwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Batch);
        for (int b = start; b < end; b++)
        {
            int length = _shape.Lengths?[b] ?? _shape.Time;
            float* pooled = _pooled + (long)b * _features;
            for (int t = 0; t < _shape.Time; t++)
            {
                float* row = Row(t, b);
                Memory.Clear(row, _features);
                for (int j = 0; j < _features && _kind == PoolingKind.Mean && t < length; j++)
                    row[j] = pooled[j] / length;
            }

            for (int j = 0; j < _features && _kind != PoolingKind.Mean; j++)
                Row(_kind == PoolingKind.Max ? (int)_choices[(long)b * _features + j] : LastStep(j, length), b)[j] = pooled[j];
        }
    }

    private int LastStep(int feature, int length) => _directions == 2 && feature >= _features / 2 ? 0 : length - 1;

    private float* Row(int time, int row) => _values + ((long)time * _shape.Batch + row) * _features;
}
