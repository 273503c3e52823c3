using System.Numerics.Tensors;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>A table of one vector a token: x_t = E[token_t]. A token below 0 is padding and gives zeros.</summary>
internal sealed unsafe class Embedding
{
    private readonly Parameter _table;
    private readonly ComputeContext _context;
    private readonly Action<int> _forwardShare;
    private readonly Action<int> _backwardShare;
    private int* _tokens;
    private float* _values;
    private int _count;
    private float* _rowMask;

    /// <param name="table">[V,E].</param>
    /// <param name="context">Team.</param>
    public Embedding(Parameter table, ComputeContext context)
    {
        _table = table;
        _context = context;
        _forwardShare = ForwardShare;
        _backwardShare = BackwardShare;
    }

    private int Size => _table.Shape[1];

    /// <summary>Copies the rows of <paramref name="count"/> tokens to <paramref name="output"/> [count,E], each times its factor of <paramref name="rowMask"/> [V], if there is one (docs/equations.md, 16.3).</summary>
    public void Forward(int* tokens, int count, float* output, float* rowMask = null)
    {
        _rowMask = rowMask;
        _tokens = tokens;
        _count = count;
        _values = output;
        _context.Team.Run(_forwardShare);
    }

    /// <summary>dE[token_t] += dx_t, times the token's factor of the last <see cref="Forward"/>, in the order of t. Split over the embedding's components, so that no sum depends on the team.</summary>
    public void Backward(int* tokens, int count, float* outputGradient)
    {
        _tokens = tokens;
        _count = count;
        _values = outputGradient;
        _context.Team.Run(_backwardShare);
    }

    private void ForwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _count);
        for (long i = start; i < end; i++)
        {
            if (_tokens[i] >= 0)
                Memory.Copy(_table.Value + (long)_tokens[i] * Size, _values + i * Size, Size);
            else
                Memory.Clear(_values + i * Size, Size);
            for (int j = 0; j < Size && _rowMask is not null && _tokens[i] >= 0; j++)
                _values[i * Size + j] *= _rowMask[_tokens[i]];
        }
    }

    private void BackwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, Size, 16);
        if (start >= end)
            return;
        for (long i = 0; i < _count; i++)
        {
            if (_tokens[i] < 0)
                continue;
            if (_rowMask is not null)
            {
                _context.Kernels.AddScaled(_rowMask[_tokens[i]], _values + i * Size + start, _table.Gradient + (long)_tokens[i] * Size + start, end - start);
                continue;
            }

            var gradient = new Span<float>(_table.Gradient + (long)_tokens[i] * Size + start, end - start);
            TensorPrimitives.Add(gradient, new ReadOnlySpan<float>(_values + i * Size + start, end - start), gradient);
        }
    }
}
