using System.Globalization;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// Stacked recurrent layers and what stands between them: the part that all networks over time share. Parameters under PyTorch's names <c>rnn.*</c>; besides, where the architecture has them, <c>norms.*</c>,
/// <c>h0</c> and <c>c0</c>; all behind a prefix where a network has several stacks.
/// </summary>
internal sealed class RecurrentStackWeights : IDisposable
{
    private readonly RecurrentWeights[] _layers;

    /// <param name="parameters">The network's parameters.</param>
    /// <param name="architecture">Sizes.</param>
    /// <param name="inputSize">I, components of what the first layer reads.</param>
    /// <param name="prefix">What the parameters' names begin with, for example <c>decoder.</c></param>
    public RecurrentStackWeights(ParameterSet parameters, ArchitectureSettings architecture, int inputSize, string prefix = "")
    {
        Architecture = architecture;
        Norms = [.. Enumerable.Range(0, architecture.LayerNorm ? architecture.Layers : 0).Select(layer => (parameters[NormName(prefix, layer, "weight")], parameters[NormName(prefix, layer, "bias")]))];
        (InitialHidden, InitialCell) = (parameters.Find($"{prefix}h0"), parameters.Find($"{prefix}c0"));
        _layers = new RecurrentWeights[architecture.Layers];
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer] = new RecurrentWeights(parameters, architecture.Cell, $"{prefix}rnn", layer, InputSize(architecture, inputSize, layer), architecture.HiddenSize, architecture.Bidirectional);
    }

    /// <summary>The sizes and options.</summary>
    public ArchitectureSettings Architecture { get; }

    /// <summary>Gain and shift [D x H] of each layer's normalisation; empty: there is none.</summary>
    public IReadOnlyList<(Parameter Gain, Parameter Shift)> Norms { get; }

    /// <summary>[L x D,1,H] the learned h at the start of a text; <c>null</c>: 0.</summary>
    public Parameter? InitialHidden { get; }

    /// <summary>[L x D,1,H] the learned c; <c>null</c>: 0, or a cell without c.</summary>
    public Parameter? InitialCell { get; }

    /// <summary>The recurrent layers, lowest first.</summary>
    public IReadOnlyList<RecurrentWeights> Layers => _layers;

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => _layers.Sum(layer => layer.PackedBytes);

    /// <summary>Names and shapes of the parameters.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Shapes(ArchitectureSettings architecture, int inputSize, string prefix = "")
    {
        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            foreach (var shape in RecurrentWeights.Shapes(architecture.Cell, $"{prefix}rnn", layer, InputSize(architecture, inputSize, layer), architecture.HiddenSize, architecture.Bidirectional))
                yield return shape;
        }

        int features = InputSize(architecture, inputSize, 1), states = architecture.Layers * features / architecture.HiddenSize;
        for (int layer = 0; layer < architecture.Layers && architecture.LayerNorm; layer++)
        {
            yield return (NormName(prefix, layer, "weight"), [features]);
            yield return (NormName(prefix, layer, "bias"), [features]);
        }

        if (architecture.LearnedInitialState)
            yield return ($"{prefix}h0", [states, 1, architecture.HiddenSize]);
        if (architecture.LearnedInitialState && RecurrentCell.Of(architecture.Cell).HasCellState)
            yield return ($"{prefix}c0", [states, 1, architecture.HiddenSize]);
    }

    /// <summary>Brings the packed copies up to date with the parameters.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="backward">Whether the backward pass will run.</param>
    /// <param name="drops">Key of the masks of recurrent weights; <c>null</c>: nothing is dropped.</param>
    public void Pack(ComputeContext context, bool backward, CounterRandom? drops = null)
    {
        for (int layer = 0; layer < _layers.Length && Architecture.WeightDropout > 0; layer++)
            _layers[layer].Drop(context, layer, drops is null ? 0 : Architecture.WeightDropout, drops ?? default);
        foreach (var layer in _layers)
            layer.Pack(context.Team, backward);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
    }

    private static string NormName(string prefix, int layer, string part) => string.Create(CultureInfo.InvariantCulture, $"{prefix}norms.{layer}.{part}");

    private static int InputSize(ArchitectureSettings architecture, int first, int layer) =>
        layer == 0 ? first : architecture.HiddenSize * (architecture.Bidirectional ? 2 : 1);
}
