using System.Globalization;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>Stacked recurrent layers in one or two directions, found among parameters by PyTorch's names, as nodes of a graph.</summary>
internal sealed class OnnxRecurrent
{
    private const string Prefix = "rnn";
    private readonly OnnxGraph _graph;
    private readonly ParameterSet _parameters;
    private readonly OnnxCell _cell;
    private readonly ArchitectureSettings _options;

    /// <summary>Looks the layers up.</summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="parameters">Holds <c>rnn.weight_ih_l0</c> and so on.</param>
    /// <param name="cell">The kind of cell that they are parameters of.</param>
    /// <param name="options">What is done in and between the layers.</param>
    public OnnxRecurrent(OnnxGraph graph, ParameterSet parameters, OnnxCell cell, ArchitectureSettings options)
    {
        (_graph, _parameters, _cell, _options) = (graph, parameters, cell, options);
        var names = parameters.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        while (names.Contains(Name("weight_hh", Layers, 0)))
            Layers++;
        Directions = names.Contains(Name("weight_hh", 0, 1)) ? 2 : 1;
        HiddenSize = parameters[Name("weight_hh", 0, 0)].Shape[1];
    }

    /// <summary>L.</summary>
    public int Layers { get; }

    /// <summary>D.</summary>
    public int Directions { get; }

    /// <summary>H.</summary>
    public int HiddenSize { get; }

    /// <summary>Runs all layers.</summary>
    /// <param name="input">[T,B,E].</param>
    /// <param name="lengths">Name of [B] steps of each row, or empty: all T.</param>
    /// <param name="own">Name of [T,B,1], whether a row has a step, where the layers are loops and there are lengths; else empty.</param>
    /// <param name="hidden">Name of [L x D,B,H], or empty, unless the layers are loops: zero.</param>
    /// <param name="cell">Name of [L x D,B,H], or empty: likewise, or a cell without c.</param>
    /// <returns>Name of [T,B,D x H], and of each layer's final h [D,B,H] and c.</returns>
    public (string Output, string[] Hidden, string[] Cell) Add(string input, string lengths, string own, string hidden, string cell)
    {
        string[] firstHidden = PerLayer(hidden), firstCell = PerLayer(cell);
        string[] lastHidden = [.. Enumerable.Range(0, Layers).Select(layer => Invariant($"h_l{layer}"))];
        string[] lastCell = _cell.HasCellState ? [.. Enumerable.Range(0, Layers).Select(layer => Invariant($"c_l{layer}"))] : [];
        _graph.Integers("rows", 0, 0, -1);
        for (int layer = 0; layer < Layers; layer++)
        {
            string below = input, last = _cell.HasCellState ? lastCell[layer] : "";
            input = OnnxScan.Needed(_cell, _options)
                ? new OnnxScan(_graph, _parameters, _cell, _options).Add(layer, Directions, input, own, firstHidden[layer], firstCell[layer], lastHidden[layer], last)
                : Operator(layer, input, lengths, firstHidden[layer], firstCell[layer], lastHidden[layer], last);
            if (_options.Residual && layer > 0)
                input = _graph.Node("Add", Invariant($"sum_l{layer}"), [input, below]);
            if (_options.LayerNorm)
                input = Normalized(layer, input);
        }

        return (input, lastHidden, lastCell);
    }

    /// <summary>Name of a layer's parameter in PyTorch.</summary>
    internal static string Name(string what, int layer, int direction) => Invariant($"{Prefix}.{what}_l{layer}{(direction == 1 ? "_reverse" : "")}");

    internal static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A layer by the operator of its cell: [T,B,I] to [T,B,D x H].</summary>
    private string Operator(int layer, string input, string lengths, string firstHidden, string firstCell, string lastHidden, string lastCell)
    {
        string steps = Invariant($"steps_l{layer}");
        string[] inputs = [input, Weights("weight_ih", layer), Weights("weight_hh", layer), Biases(layer), lengths, firstHidden, .. _cell.HasCellState ? [firstCell] : Array.Empty<string>(), .. _cell.Peepholes is null ? Array.Empty<string>() : [Peepholes(layer)]];
        string[] outputs = [steps, lastHidden, .. _cell.HasCellState ? [lastCell] : Array.Empty<string>()];
        _graph.Node(_cell.Operator, outputs, inputs, [.. Attributes()]);

        // [T,D,B,H] -> [T,B,D,H] -> [T,B,D x H]
        string turned = _graph.Node("Transpose", Invariant($"steps_l{layer}_turned"), [steps], OnnxGraph.Attribute("perm", [0, 2, 1, 3]));
        return _graph.Node("Reshape", Invariant($"output_l{layer}"), [turned, "rows"]);
    }

    /// <summary>Layer normalisation over the last dimension, by elementary operators: this operator set has none of its own.</summary>
    private string Normalized(int layer, string values)
    {
        string At(string what) => Invariant($"norm_l{layer}_{what}");
        OnnxMessage last = OnnxGraph.Attribute("axes", [-1]);
        string centred = _graph.Node("Sub", At("centred"), [values, _graph.Node("ReduceMean", At("mean"), [values], last)]);
        string variance = _graph.Node("ReduceMean", At("variance"), [_graph.Node("Mul", At("squares"), [centred, centred])], last);
        string deviation = _graph.Node("Sqrt", At("deviation"), [_graph.Node("Add", At("raised"), [variance, _graph.Number(At("epsilon"), LayerOutput.Epsilon)])]);
        string scaled = _graph.Node("Mul", At("scaled"), [_graph.Node("Div", At("normal"), [centred, deviation]), _graph.Parameter(_parameters[Invariant($"norms.{layer}.weight")])]);
        return _graph.Node("Add", At("shifted"), [scaled, _graph.Parameter(_parameters[Invariant($"norms.{layer}.bias")])]);
    }

    /// <summary>A state's part of each layer.</summary>
    private string[] PerLayer(string state)
    {
        if (state.Length == 0 || Layers == 1)
            return [.. Enumerable.Repeat(state, Layers)];
        string[] parts = [.. Enumerable.Range(0, Layers).Select(layer => Invariant($"{state}_l{layer}"))];
        _graph.Node("Split", parts, [state, _graph.Integers($"{state}_parts", [.. Enumerable.Repeat((long)Directions, Layers)])], OnnxGraph.Attribute("axis", 0));
        return parts;
    }

    private IEnumerable<OnnxMessage> Attributes()
    {
        if (_cell.Activation is { } activation)
            yield return OnnxGraph.Attribute("activations", Enumerable.Repeat(activation, Directions));
        yield return OnnxGraph.Attribute("direction", Directions == 2 ? "bidirectional" : "forward");
        yield return OnnxGraph.Attribute("hidden_size", HiddenSize);
        if (_cell.ResetsAfter)
            yield return OnnxGraph.Attribute("linear_before_reset", 1);
    }

    /// <summary>[D,G x H,columns] in the operator's order of gates.</summary>
    private string Weights(string what, int layer)
    {
        int columns = _parameters[Name(what, layer, 0)].Shape[1];
        return _graph.Numbers(Invariant($"{Prefix}.{what}_l{layer}"), [Directions, _cell.Gates * HiddenSize, columns], values =>
        {
            int block = HiddenSize * columns;
            for (int direction = 0; direction < Directions; direction++)
                CopyGates(_parameters[Name(what, layer, direction)], block, values[(direction * _cell.Gates * block)..]);
        });
    }

    /// <summary>[D,2 G x H]: of each direction the biases of the input's product, then those of the recurrent one.</summary>
    private string Biases(int layer)
    {
        int block = _cell.Gates * HiddenSize;
        return _graph.Numbers(Invariant($"{Prefix}.bias_l{layer}"), [Directions, 2 * block], values =>
        {
            for (int direction = 0; direction < Directions; direction++)
            {
                CopyGates(_parameters[Name("bias_ih", layer, direction)], HiddenSize, values[(direction * 2 * block)..]);
                CopyGates(_parameters[Name("bias_hh", layer, direction)], HiddenSize, values[((direction * 2 + 1) * block)..]);
            }
        });
    }

    /// <summary>[D,3 H] in the operator's order.</summary>
    private string Peepholes(int layer)
    {
        string[] names = _cell.Peepholes!;
        return _graph.Numbers(Invariant($"{Prefix}.peepholes_l{layer}"), [Directions, names.Length * HiddenSize], values =>
        {
            for (int i = 0; i < Directions * names.Length; i++)
                _parameters[Name(names[i % names.Length], layer, i / names.Length)].Values.CopyTo(values[(i * HiddenSize)..]);
        });
    }

    private void CopyGates(Parameter parameter, int block, Span<float> destination)
    {
        for (int place = 0; place < _cell.Gates; place++)
            parameter.Values.Slice(_cell.GateOrder[place] * block, block).CopyTo(destination[(place * block)..]);
    }
}
