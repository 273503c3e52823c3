using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>
/// A recurrent layer that keeps a part of its old states at each step (zoneout's expectation; docs/equations.md, 16.4), which no operator of a cell does: a loop over the steps (Scan) around the cell in
/// elementary operators. Parameters in PyTorch's order of gates.
/// </summary>
internal sealed class OnnxZoneout(OnnxGraph graph, ParameterSet parameters, OnnxCell cell, ArchitectureSettings options)
{
    private const int Float = OnnxFields.DataType.Float;
    private const string Batch = "B";

    /// <summary>Runs a layer.</summary>
    /// <param name="layer">Its number.</param>
    /// <param name="directions">D.</param>
    /// <param name="input">Name of [T,B,I].</param>
    /// <param name="lengths">Name of [B], or empty: all T.</param>
    /// <param name="hidden">Name of the first h [D,B,H].</param>
    /// <param name="state">Name of the first c, for cells that have one.</param>
    /// <param name="lastHidden">Receives the last h [D,B,H].</param>
    /// <param name="lastState">Receives the last c.</param>
    /// <returns>Name of [T,B,D x H].</returns>
    public string Add(int layer, int directions, string input, string lengths, string hidden, string state, string lastHidden, string lastState)
    {
        string own = lengths.Length == 0 ? "" : Own(layer, lengths);
        string[] outputs = new string[directions], hiddens = new string[directions], states = new string[directions];
        for (int d = 0; d < directions; d++)
        {
            string At(string what) => OnnxRecurrent.Invariant($"zoneout_l{layer}_d{d}_{what}");
            string index = graph.Integer(At("index"), d), axis = graph.Integers(At("axis"), 0);
            string First(string states) => graph.Node("Gather", At($"first_{states}"), [states, index], OnnxGraph.Attribute("axis", 0));
            string products = graph.Node("MatMul", At("products"), [input, graph.Transposed(parameters[OnnxRecurrent.Name("weight_ih", layer, d)])]);
            string x = graph.Node("Add", At("input"), [products, graph.Parameter(parameters[OnnxRecurrent.Name("bias_ih", layer, d)])]); // [T,B,G x H]

            string[] carried = cell.HasCellState ? [First(hidden), First(state)] : [First(hidden)];
            string[] read = own.Length == 0 ? [x] : [x, own];
            string[] last = cell.HasCellState ? [At("h"), At("c")] : [At("h")];
            graph.Node(
                "Scan", [.. last, At("steps")], [.. carried, .. read], OnnxGraph.Attribute("body", Body(layer, d, own.Length > 0)), OnnxGraph.Attribute("num_scan_inputs", read.Length),
                OnnxGraph.Attribute("scan_input_directions", [.. Enumerable.Repeat((long)d, read.Length)]), OnnxGraph.Attribute("scan_output_directions", [(long)d]));
            hiddens[d] = graph.Node("Unsqueeze", At("h_rows"), [last[0], axis]);
            states[d] = cell.HasCellState ? graph.Node("Unsqueeze", At("c_rows"), [last[1], axis]) : "";
            outputs[d] = At("steps");
        }

        graph.Node("Concat", lastHidden, hiddens, OnnxGraph.Attribute("axis", 0));
        if (cell.HasCellState)
            graph.Node("Concat", lastState, states, OnnxGraph.Attribute("axis", 0));
        return graph.Node("Concat", OnnxRecurrent.Invariant($"output_l{layer}"), outputs, OnnxGraph.Attribute("axis", 2));
    }

    /// <summary>Whether a row has a step, [T,B,1].</summary>
    private string Own(int layer, string lengths)
    {
        string At(string what) => OnnxRecurrent.Invariant($"zoneout_l{layer}_{what}");
        string zero = graph.Integer(At("zero"), 0);
        string count = graph.Node("Gather", At("time"), [graph.Node("Shape", At("size"), ["tokens"]), zero]);
        string steps = graph.Node("Unsqueeze", At("steps"), [graph.Node("Range", At("range"), [zero, count, graph.Integer(At("one"), 1)]), graph.Integers(At("axis_1"), 1)]);
        string whole = graph.Node("Cast", At("lengths"), [lengths], OnnxGraph.Attribute("to", OnnxFields.DataType.Int64));
        return graph.Node("Unsqueeze", At("own"), [graph.Node("Less", At("has"), [steps, whole]), graph.Integers(At("axis_2"), 2)]);
    }

    /// <summary>One step: h, (c), x [B,G x H] and whether each row has the step, to the new h, (c) and the output.</summary>
    private OnnxGraph Body(int layer, int d, bool ragged)
    {
        string At(string what) => OnnxRecurrent.Invariant($"step_l{layer}_d{d}_{what}");
        int size = parameters[OnnxRecurrent.Name("weight_hh", layer, d)].Shape[1], gates = cell.GateOrder.Length;
        var body = new OnnxGraph();
        string h = body.Input(At("h_before"), Float, Batch, size), c = cell.HasCellState ? body.Input(At("c_before"), Float, Batch, size) : "";
        string x = body.Input(At("x"), Float, Batch, gates * size), own = ragged ? body.Input(At("own"), OnnxFields.DataType.Bool, Batch, 1) : "";
        string keep = body.Number(At("keep"), (float)options.Zoneout), move = body.Number(At("move"), 1 - (float)options.Zoneout);
        string products = body.Node("MatMul", At("products"), [h, body.Transposed(parameters[OnnxRecurrent.Name("weight_hh", layer, d)])]);
        string recurrent = body.Node("Add", At("recurrent"), [products, body.Parameter(parameters[OnnxRecurrent.Name("bias_hh", layer, d)])]);
        var (newHidden, newState) = new OnnxCellStep(body, cell, At).Add(x, recurrent, h, c);

        string Mixed(string value, string before) => body.Node("Add", $"{value}_mixed", [body.Node("Mul", $"{value}_part", [value, move]), body.Node("Mul", $"{value}_kept", [before, keep])]);
        string hidden = Mixed(newHidden, h), state = cell.HasCellState ? Mixed(newState, c) : "";
        string output = body.Node("Identity", At("output"), [ragged ? body.Node("Where", At("own_output"), [own, hidden, body.Number(At("nothing"), 0)]) : hidden]);
        hidden = body.Node(ragged ? "Where" : "Identity", At("h"), ragged ? [own, hidden, h] : [hidden]);
        body.Output(hidden, Float, Batch, size);
        if (cell.HasCellState)
            body.Output(body.Node(ragged ? "Where" : "Identity", At("c"), ragged ? [own, state, c] : [state]), Float, Batch, size);
        body.Output(output, Float, Batch, size);
        return body;
    }
}
