using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// Embedding, stacked recurrent layers and what stands between them: the part that all networks over text share. Parameters under PyTorch's name <c>embedding.*</c> and those of
/// <see cref="RecurrentStackWeights"/>; besides, where the architecture has it, <c>attention.*</c>.
/// </summary>
internal sealed unsafe class TokenEncoderWeights : IDisposable
{
    private readonly NativeBuffer? _rowMask;
    private bool _rowsDropped;

    /// <param name="parameters">The network's parameters.</param>
    /// <param name="architecture">Sizes.</param>
    /// <param name="useTable">Whether the first layer's input product is a table over the vocabulary.</param>
    public TokenEncoderWeights(ParameterSet parameters, ArchitectureSettings architecture, bool useTable)
    {
        Architecture = architecture;
        Embedding = parameters["embedding.weight"];
        LabelEmbedding = parameters.Find(SequenceModels.Layers.LabelEmbedding.Name);
        Attention = architecture.Pooling == PoolingKind.Attention ? new AttentionWeights(parameters) : null;
        _rowMask = architecture.EmbeddingDropout > 0 ? new NativeBuffer((Embedding.Shape[0] + RandomMask.Group - 1) / RandomMask.Group * RandomMask.Group) : null;
        Stack = new RecurrentStackWeights(parameters, architecture, architecture.EmbeddingSize);
        Table = useTable ? new TokenTable(Embedding, Layers[0]) : null;
    }

    /// <summary>The sizes and options.</summary>
    public ArchitectureSettings Architecture { get; }

    /// <summary>[V,E].</summary>
    public Parameter Embedding { get; }

    /// <summary>[K,E] the vectors of labels that are added to those of tokens; <c>null</c>: there are none. Then there can be no table.</summary>
    public Parameter? LabelEmbedding { get; }

    /// <summary>[V] factors of the embedding's rows since the last packing; <c>null</c>: 1.</summary>
    public float* RowMask => _rowsDropped ? _rowMask!.Pointer : null;

    /// <summary>The recurrent layers and what stands between them.</summary>
    public RecurrentStackWeights Stack { get; }

    /// <summary>Gain and shift [D x H] of each layer's normalisation; empty: there is none.</summary>
    public IReadOnlyList<(Parameter Gain, Parameter Shift)> Norms => Stack.Norms;

    /// <summary>[L x D,1,H] the learned h at the start of a text; <c>null</c>: 0.</summary>
    public Parameter? InitialHidden => Stack.InitialHidden;

    /// <summary>[L x D,1,H] the learned c; <c>null</c>: 0, or a cell without c.</summary>
    public Parameter? InitialCell => Stack.InitialCell;

    /// <summary>The weights by which a classifier pools, or <c>null</c>.</summary>
    public AttentionWeights? Attention { get; }

    /// <summary>The recurrent layers, lowest first.</summary>
    public IReadOnlyList<RecurrentWeights> Layers => Stack.Layers;

    /// <summary>The first layer's input products by token, or <c>null</c>.</summary>
    public TokenTable? Table { get; }

    /// <summary>Bytes held in packed copies and table.</summary>
    public long PackedBytes => Stack.PackedBytes + sizeof(float) * (Table?.Length ?? 0) + (Attention?.PackedBytes ?? 0);

    public static IEnumerable<(string Name, int[] Shape)> Shapes(ArchitectureSettings architecture, int vocabulary)
    {
        yield return ("embedding.weight", [vocabulary, architecture.EmbeddingSize]);
        foreach (var shape in RecurrentStackWeights.Shapes(architecture, architecture.EmbeddingSize))
            yield return shape;
        if (architecture.Pooling != PoolingKind.Attention)
            yield break;
        foreach (var shape in AttentionWeights.Shapes(architecture.HiddenSize * (architecture.Bidirectional ? 2 : 1)))
            yield return shape;
    }

    /// <summary>Brings the packed copies up to date with the parameters.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="backward">Whether the backward pass will run.</param>
    /// <param name="drops">Key of the masks of recurrent weights and of the embedding's rows; <c>null</c>: nothing is dropped.</param>
    public void Pack(ComputeContext context, bool backward, CounterRandom? drops = null)
    {
        DropRows(drops);
        Stack.Pack(context, backward, drops);
        Attention?.Hidden.Pack(backward);
        Table?.Compute(context, backward, RowMask);
    }

    /// <summary>Keeps the packed weights of the layers at a lower precision, for inference alone; a table stays as it is.</summary>
    public void Lower(WeightPrecision precision)
    {
        if (precision == WeightPrecision.Float32)
            return;
        for (int layer = 0; layer < Layers.Count; layer++)
            Layers[layer].Lower(precision, input: layer > 0 || Table is null);
    }

    public void Dispose()
    {
        Stack.Dispose();
        Table?.Dispose();
        Attention?.Dispose();
        _rowMask?.Dispose();
    }

    // A number a token: too few for a team.
    private void DropRows(CounterRandom? drops)
    {
        double rate = Architecture.EmbeddingDropout;
        _rowsDropped = rate > 0 && drops is not null;
        if (_rowsDropped)
            RandomMask.Draw(drops!.Value with { Tensor = MaskKeys.Embedding }, RandomMask.Threshold(rate), 0, (float)(1 / (1 - rate)), _rowMask!.Pointer, 0, _rowMask.Length / RandomMask.Group);
    }
}
