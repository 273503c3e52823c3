using System.Numerics.Tensors;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>A table of one vector a label, added to the embedding of every token of a row: x_t = E[token_t] + L[label] (docs/equations.md, 8.21).</summary>
internal sealed unsafe class LabelEmbedding
{
    /// <summary>Name of the table [K,E].</summary>
    public const string Name = "label_embedding.weight";
    private readonly Parameter _table;
    private readonly ComputeContext _context;
    private readonly Action<int> _forwardShare;
    private readonly Action<int> _backwardShare;
    private SequenceShape _shape = new(1, 1);
    private int* _labels;
    private float* _values;

    /// <param name="table">[K,E].</param>
    /// <param name="context">Team.</param>
    public LabelEmbedding(Parameter table, ComputeContext context)
    {
        (_table, _context) = (table, context);
        (_forwardShare, _backwardShare) = (ForwardShare, BackwardShare);
    }

    private int Size => _table.Shape[1];

    /// <summary>Adds to <paramref name="values"/> [T,B,E] the vectors of the rows' labels [B].</summary>
    public void Forward(SequenceShape shape, int* labels, float* values)
    {
        _shape = shape;
        _labels = labels;
        _values = values;
        _context.Team.Run(_forwardShare);
    }

    /// <summary>dL[label_b] += dx_t for every t and b in their order. Split over the components, so that no sum depends on the team.</summary>
    public void Backward(float* gradient)
    {
        _values = gradient;
        _context.Team.Run(_backwardShare);
    }

    private void ForwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Rows);
        for (int i = start; i < end; i++)
        {
            var value = new Span<float>(_values + (long)i * Size, Size);
            TensorPrimitives.Add(value, new ReadOnlySpan<float>(_table.Value + (long)_labels[i % _shape.Batch] * Size, Size), value);
        }
    }

    private void BackwardShare(int member)
    {
        var (start, end) = _context.Team.Share(member, Size, 16);
        for (int i = 0; i < _shape.Rows && start < end; i++)
        {
            var gradient = new Span<float>(_table.Gradient + (long)_labels[i % _shape.Batch] * Size + start, end - start);
            TensorPrimitives.Add(gradient, new ReadOnlySpan<float>(_values + (long)i * Size + start, end - start), gradient);
        }
    }
}
