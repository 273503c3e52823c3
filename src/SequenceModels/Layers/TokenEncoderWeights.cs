using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>Embedding and stacked recurrent layers: the part that all token networks share. Parameters under PyTorch's names <c>embedding.*</c> and <c>rnn.*</c>.</summary>
internal sealed class TokenEncoderWeights : IDisposable
{
    private readonly RecurrentWeights[] _layers;

    /// <param name="parameters">The network's parameters.</param>
    /// <param name="architecture">Sizes.</param>
    /// <param name="useTable">Whether the first layer's input product is a table over the vocabulary.</param>
    public TokenEncoderWeights(ParameterSet parameters, ArchitectureSettings architecture, bool useTable)
    {
        Embedding = parameters["embedding.weight"];
        _layers = new RecurrentWeights[architecture.Layers];
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer] = new RecurrentWeights(parameters, architecture.Cell, "rnn", layer, InputSize(architecture, layer), architecture.HiddenSize, architecture.Bidirectional);
        Table = useTable ? new TokenTable(Embedding, _layers[0]) : null;
    }

    /// <summary>[V,E].</summary>
    public Parameter Embedding { get; }

    /// <summary>The recurrent layers, lowest first.</summary>
    public IReadOnlyList<RecurrentWeights> Layers => _layers;

    /// <summary>The first layer's input products by token, or <c>null</c>.</summary>
    public TokenTable? Table { get; }

    /// <summary>Bytes held in packed copies and table.</summary>
    public long PackedBytes => _layers.Sum(layer => layer.PackedBytes) + sizeof(float) * (Table?.Length ?? 0);

    public static IEnumerable<(string Name, int[] Shape)> Shapes(ArchitectureSettings architecture, int vocabulary)
    {
        yield return ("embedding.weight", [vocabulary, architecture.EmbeddingSize]);
        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            foreach (var shape in RecurrentWeights.Shapes(architecture.Cell, "rnn", layer, InputSize(architecture, layer), architecture.HiddenSize, architecture.Bidirectional))
                yield return shape;
        }
    }

    /// <summary>Brings the packed copies up to date with the parameters.</summary>
    public void Pack(ComputeContext context, bool backward)
    {
        foreach (var layer in _layers)
            layer.Pack(context.Team, backward);
        Table?.Compute(context, backward);
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
    }

    private static int InputSize(ArchitectureSettings architecture, int layer) =>
        layer == 0 ? architecture.EmbeddingSize : architecture.HiddenSize * (architecture.Bidirectional ? 2 : 1);
}
