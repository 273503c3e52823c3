namespace SequenceModels.Layers;

/// <summary>What a recurrent layer reads: values, or tokens whose input products stand in a table over the vocabulary.</summary>
internal readonly unsafe struct LayerInput
{
    private readonly TokenTable? _table;

    private LayerInput(float* values, int* tokens, TokenTable? table)
    {
        Values = values;
        Tokens = tokens;
        _table = table;
    }

    /// <summary>[T,B,I], or <c>null</c>.</summary>
    public float* Values { get; }

    /// <summary>[T,B] tokens, each below V, or <c>null</c>.</summary>
    public int* Tokens { get; }

    public static LayerInput FromValues(float* values) => new(values, null, null);

    public static LayerInput FromTokens(int* tokens, TokenTable table) => new(null, tokens, table);

    /// <summary>[V, blocks x S] input products plus biases of a direction.</summary>
    public float* Table(int direction) => _table!.Products(direction);

    /// <summary>[V, blocks x S] their gradients, added to.</summary>
    public float* TableGradient(int direction) => _table!.Gradients(direction);
}
