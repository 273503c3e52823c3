namespace SequenceModels.Tensors;

/// <summary>
/// The parameters of a network: one flat block of values, one of gradients, and a table of names and shapes.
/// Each tensor begins on a multiple of 16 floats; the padding between tensors is zero and stays zero, so that clipping,
/// optimisers, checkpoints and hashes are single loops over one block.
/// </summary>
public sealed class ParameterSet : IDisposable
{
    /// <summary>Floats that each tensor's start is a multiple of: one 64-byte line.</summary>
    internal const int Padding = 16;

    private readonly Parameter[] _parameters;
    private readonly Dictionary<string, Parameter> _byName;
    private NativeBuffer? _gradients;

    /// <summary>Lays out zero-valued parameters in the order given.</summary>
    /// <param name="shapes">Names and dimensions; names differ, dimensions are positive.</param>
    /// <exception cref="ArgumentException">A name stands twice, or a dimension is not positive.</exception>
    public ParameterSet(IEnumerable<(string Name, int[] Shape)> shapes)
    {
        var parameters = new List<Parameter>();
        long offset = 0;
        foreach (var (name, shape) in shapes)
        {
            int length = 1;
            foreach (int dimension in shape)
            {
                if (dimension <= 0)
                    throw new ArgumentException($"Parameter '{name}' has a dimension of {dimension}; dimensions are 1 or more.", nameof(shapes));
                length = checked(length * dimension);
            }

            parameters.Add(new Parameter(this, name, shape, offset, length));
            offset += (length + Padding - 1) / Padding * Padding;
        }

        _parameters = [.. parameters];
        _byName = new Dictionary<string, Parameter>(_parameters.Length, StringComparer.Ordinal);
        foreach (var parameter in _parameters)
        {
            if (!_byName.TryAdd(parameter.Name, parameter))
                throw new ArgumentException($"Parameter '{parameter.Name}' stands twice.", nameof(shapes));
            Count += parameter.Length;
        }

        Values = new NativeBuffer(offset);
    }

    /// <summary>The tensors in layout order.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Number of parameters, padding left out.</summary>
    public long Count { get; }

    /// <summary>All values, padding included.</summary>
    internal NativeBuffer Values { get; }

    /// <summary>All gradients in the layout of <see cref="Values"/>; allocated at first use, so inference never pays for them.</summary>
    internal NativeBuffer Gradients
    {
        get
        {
            // A team's members may all come here first: without the lock each would add to a block of its own.
            if (Volatile.Read(ref _gradients) is { } gradients)
                return gradients;
            lock (_byName)
                return _gradients ??= new NativeBuffer(Values.Length);
        }
    }

    /// <summary>The tensor of that name.</summary>
    /// <param name="name">Name as in the layout.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Parameter this[string name] =>
        _byName.TryGetValue(name, out var parameter) ? parameter : throw new KeyNotFoundException($"There is no parameter '{name}'.");

    /// <summary>The tensor of that name, or <c>null</c>.</summary>
    internal Parameter? Find(string name) => _byName.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        _gradients?.Dispose();
    }
}
