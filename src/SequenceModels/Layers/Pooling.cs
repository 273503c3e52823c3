using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>One vector a row from the outputs of all its time steps; steps past a row's length do not count. The team shares the rows.</summary>
internal sealed unsafe class Pooling
{
    private readonly ComputeContext _context;
    private readonly int _features;
    private readonly int? _last; // where each part of a pooled vector begins; null: it has none such
    private readonly int? _maximum;
    private readonly int? _mean;
    private readonly int _directions;
    private readonly Action<int> _forwardShare;
    private readonly Action<int> _backwardShare;
    private SequenceShape _shape = new(1, 1);
    private float* _values;
    private float* _pooled;
    private float* _choices;

    /// <param name="context">Kernels, team and workspace.</param>
    /// <param name="kind">Mean, maximum, last state (the first half's last step, for two directions the second half's first), or all three.</param>
    /// <param name="features">F.</param>
    /// <param name="directions">1 or 2.</param>
    public Pooling(ComputeContext context, PoolingKind kind, int features, int directions)
    {
        (_context, _features, _directions) = (context, features, directions);
        bool all = kind == PoolingKind.Concat;
        (_last, _maximum, _mean) = (all || kind == PoolingKind.Last ? 0 : null, all ? features : kind == PoolingKind.Max ? 0 : null, all ? 2 * features : kind == PoolingKind.Mean ? 0 : null);
        OutputSize = PooledSize(kind, features);
        (_forwardShare, _backwardShare) = (ForwardShare, BackwardShare);
    }

    /// <summary>Components of a pooled vector.</summary>
    public int OutputSize { get; }

    /// <summary>Components of a pooled vector of outputs of so many.</summary>
    public static int PooledSize(PoolingKind? kind, int features) => kind == PoolingKind.Concat ? 3 * features : features;

    /// <summary>Pools over time.</summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="values">[T,B,F].</param>
    /// <param name="training">Whether <see cref="Backward"/> follows.</param>
    /// <returns>[B,<see cref="OutputSize"/>] the pooled vectors, in the workspace.</returns>
    public float* Forward(SequenceShape shape, float* values, bool training)
    {
        _shape = shape;
        _values = values;
        _pooled = _context.Workspace.Allocate((long)shape.Batch * OutputSize);
        _choices = training && _maximum is not null ? _context.Workspace.AllocateZeroed((long)shape.Batch * _features) : null;
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
            float* pooled = _pooled + (long)b * OutputSize;
            if (_last is { } last)
            {
                for (int j = 0; j < _features; j++)
                    pooled[last + j] = Row(LastStep(j, length), b)[j];
            }

            if (_maximum is { } maximum)
            {
                Memory.Copy(Row(0, b), pooled + maximum, _features);
                for (int t = 1; t < length; t++) // among equal maxima the first step wins
                    _context.Kernels.Maximum(Row(t, b), pooled + maximum, _choices is null ? null : _choices + (long)b * _features, t, _features);
            }

            if (_mean is { } mean)
            {
                Memory.Copy(Row(0, b), pooled + mean, _features);
                for (int t = 1; t < length; t++)
                    _context.Kernels.Add(Row(t, b), pooled + mean, _features);
                for (int j = 0; j < _features; j++)
                    pooled[mean + j] /= length;
            }
        }
    }

    private void BackwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Batch);
        for (int b = start; b < end; b++)
        {
            int length = _shape.Lengths?[b] ?? _shape.Time;
            float* pooled = _pooled + (long)b * OutputSize;
            for (int t = 0; t < _shape.Time; t++)
            {
                float* row = Row(t, b);
                Memory.Clear(row, _features);
                for (int j = 0; j < _features && _mean is not null && t < length; j++)
                    row[j] = pooled[_mean.Value + j] / length;
            }

            for (int j = 0; j < _features && _maximum is not null; j++)
                Row((int)_choices[(long)b * _features + j], b)[j] += pooled[_maximum.Value + j];
            for (int j = 0; j < _features && _last is not null; j++)
                Row(LastStep(j, length), b)[j] += pooled[_last.Value + j];
        }
    }

    private int LastStep(int feature, int length) => _directions == 2 && feature >= _features / 2 ? 0 : length - 1;

    private float* Row(int time, int row) => _values + ((long)time * _shape.Batch + row) * _features;
}
