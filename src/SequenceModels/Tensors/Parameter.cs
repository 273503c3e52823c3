namespace SequenceModels.Tensors;

/// <summary>One named tensor of a <see cref="ParameterSet"/>: a view of its values and of its gradients.</summary>
public sealed unsafe class Parameter
{
    private readonly ParameterSet _set;

    internal Parameter(ParameterSet set, string name, int[] shape, long offset, int length)
    {
        _set = set;
        Name = name;
        Shape = shape;
        Offset = offset;
        Length = length;
    }

    /// <summary>The name that PyTorch gives the same tensor, for example <c>rnn.weight_ih_l0</c>.</summary>
    public string Name { get; }

    /// <summary>The dimensions, slowest first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Number of values.</summary>
    public int Length { get; }

    /// <summary>The values, row-major.</summary>
    public Span<float> Values => _set.Values.Slice(Offset, Length);

    /// <summary>Whether all values are finite, as those of a trained model are.</summary>
    public bool IsFinite
    {
        get
        {
            foreach (float value in Values)
            {
                if (!float.IsFinite(value))
                    return false;
            }

            return true;
        }
    }

    /// <summary>The gradients of the loss with respect to the values, in the same layout.</summary>
    public Span<float> Gradients => _set.Gradients.Slice(Offset, Length);

    /// <summary>Index of the first value in the set's flat blocks.</summary>
    internal long Offset { get; }

    internal float* Value => _set.Values.Pointer + Offset;

    internal float* Gradient => _set.Gradients.Pointer + Offset;
}
