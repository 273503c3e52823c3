using System.Globalization;
using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// Embedding, stacked recurrent layers and what stands between them: the part that all token networks share. Parameters under PyTorch's names <c>embedding.*</c> and <c>rnn.*</c>; besides, where the architecture has
/// them, <c>norms.*</c>, <c>h0</c>, <c>c0</c> and <c>attention.*</c>.
/// </summary>
internal sealed unsafe class TokenEncoderWeights : IDisposable
{
    private readonly RecurrentWeights[] _layers;
    private readonly NativeBuffer? _rowMask;
    private bool _rowsDropped;

    /// <param name="parameters">The network's parameters.</param>
    /// <param name="architecture">Sizes.</param>
    /// <param name="useTable">Whether the first layer's input product is a table over the vocabulary.</param>
    public TokenEncoderWeights(ParameterSet parameters, ArchitectureSettings architecture, bool useTable)
    {
        Architecture = architecture;
        Embedding = parameters["embedding.weight"];
        Norms = [.. Enumerable.Range(0, architecture.LayerNorm ? architecture.Layers : 0).Select(layer => (parameters[NormName(layer, "weight")], parameters[NormName(layer, "bias")]))];
        (InitialHidden, InitialCell) = (parameters.Find("h0"), parameters.Find("c0"));
        Attention = architecture.Pooling == PoolingKind.Attention ? new AttentionWeights(parameters) : null;
        _rowMask = architecture.EmbeddingDropout > 0 ? new NativeBuffer((Embedding.Shape[0] + RandomMask.Group - 1) / RandomMask.Group * RandomMask.Group) : null;
        _layers = new RecurrentWeights[architecture.Layers];
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer] = new RecurrentWeights(parameters, architecture.Cell, "rnn", layer, InputSize(architecture, layer), architecture.HiddenSize, architecture.Bidirectional);
        Table = useTable ? new TokenTable(Embedding, _layers[0]) : null;
    }

    /// <summary>The sizes and options.</summary>
    public ArchitectureSettings Architecture { get; }

    /// <summary>[V,E].</summary>
    public Parameter Embedding { get; }

    /// <summary>[V] factors of the embedding's rows since the last packing; <c>null</c>: 1.</summary>
    public float* RowMask => _rowsDropped ? _rowMask!.Pointer : null;

    /// <summary>Gain and shift [D x H] of each layer's normalisation; empty: there is none.</summary>
    public IReadOnlyList<(Parameter Gain, Parameter Shift)> Norms { get; }

    /// <summary>[L x D,1,H] the learned h at the start of a text; <c>null</c>: 0.</summary>
    public Parameter? InitialHidden { get; }

    /// <summary>[L x D,1,H] the learned c; <c>null</c>: 0, or a cell without c.</summary>
    public Parameter? InitialCell { get; }

    /// <summary>The weights by which a classifier pools, or <c>null</c>.</summary>
    public AttentionWeights? Attention { get; }

    /// <summary>The recurrent layers, lowest first.</summary>
    public IReadOnlyList<RecurrentWeights> Layers => _layers;

    /// <summary>The first layer's input products by token, or <c>null</c>.</summary>
    public TokenTable? Table { get; }

    /// <summary>Bytes held in packed copies and table.</summary>
    public long PackedBytes => _layers.Sum(layer => layer.PackedBytes) + sizeof(float) * (Table?.Length ?? 0) + (Attention?.PackedBytes ?? 0);

    public static IEnumerable<(string Name, int[] Shape)> Shapes(ArchitectureSettings architecture, int vocabulary)
    {
        yield return ("embedding.weight", [vocabulary, architecture.EmbeddingSize]);
        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            foreach (var shape in RecurrentWeights.Shapes(architecture.Cell, "rnn", layer, InputSize(architecture, layer), architecture.HiddenSize, architecture.Bidirectional))
                yield return shape;
        }

        int features = InputSize(architecture, 1), states = architecture.Layers * features / architecture.HiddenSize;
        for (int layer = 0; layer < architecture.Layers && architecture.LayerNorm; layer++)
        {
            yield return (NormName(layer, "weight"), [features]);
            yield return (NormName(layer, "bias"), [features]);
        }

        if (architecture.LearnedInitialState)
            yield return ("h0", [states, 1, architecture.HiddenSize]);
        if (architecture.LearnedInitialState && RecurrentCell.Of(architecture.Cell).HasCellState)
            yield return ("c0", [states, 1, architecture.HiddenSize]);
        if (architecture.Pooling != PoolingKind.Attention)
            yield break;
        foreach (var shape in AttentionWeights.Shapes(features))
            yield return shape;
    }

    /// <summary>Brings the packed copies up to date with the parameters.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="backward">Whether the backward pass will run.</param>
    /// <param name="drops">Key of the masks of recurrent weights and of the embedding's rows; <c>null</c>: nothing is dropped.</param>
    public void Pack(ComputeContext context, bool backward, CounterRandom? drops = null)
    {
        for (int layer = 0; layer < _layers.Length && Architecture.WeightDropout > 0; layer++)
            _layers[layer].Drop(context, layer, drops is null ? 0 : Architecture.WeightDropout, drops ?? default);
        DropRows(drops);
        foreach (var layer in _layers)
            layer.Pack(context.Team, backward);
        Attention?.Hidden.Pack(backward);
        Table?.Compute(context, backward, RowMask);
    }

    /// <summary>Keeps the packed weights of the layers at a lower precision, for inference alone; a table stays as it is.</summary>
    public void Lower(WeightPrecision precision)
    {
        if (precision == WeightPrecision.Float32)
            return;
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer].Lower(precision, input: layer > 0 || Table is null);
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
        Table?.Dispose();
        Attention?.Dispose();
        _rowMask?.Dispose();
    }

    private static string NormName(int layer, string part) => string.Create(CultureInfo.InvariantCulture, $"norms.{layer}.{part}");

    // A number a token: too few for a team.
    private void DropRows(CounterRandom? drops)
    {
        double rate = Architecture.EmbeddingDropout;
        _rowsDropped = rate > 0 && drops is not null;
        if (_rowsDropped)
            RandomMask.Draw(drops!.Value with { Tensor = MaskKeys.Embedding }, RandomMask.Threshold(rate), 0, (float)(1 / (1 - rate)), _rowMask!.Pointer, 0, _rowMask.Length / RandomMask.Group);
    }

    private static int InputSize(ArchitectureSettings architecture, int layer) =>
        layer == 0 ? architecture.EmbeddingSize : architecture.HiddenSize * (architecture.Bidirectional ? 2 : 1);
}
