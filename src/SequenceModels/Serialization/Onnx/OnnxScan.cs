using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>
/// A recurrent layer that no operator computes, as a loop over the steps (Scan) around the cell in elementary operators: a cell with layer normalisation, or states of which a part is kept at each step (zoneout's
/// expectation; docs/equations.md, 16.4).
/// </summary>
internal sealed class OnnxScan(OnnxGraph graph, ParameterSet parameters, OnnxCell cell, ArchitectureSettings options)
{
    private const int Float = OnnxFields.DataType.Float;
    private const string Batch = "B";

    /// <summary>Whether a layer needs the loop.</summary>
    public static bool Needed(OnnxCell cell, ArchitectureSettings options) => cell.Normalization is not null || options.Zoneout > 0;

    /// <summary>Runs a layer.</summary>
    /// <param name="layer">Its number.</param>
    /// <param name="directions">D.</param>
    /// <param name="input">Name of [T,B,I].</param>
    /// <param name="own">Name of [T,B,1], whether a row has a step, or empty: all have.</param>
    /// <param name="hidden">Name of the first h [D,B,H].</param>
    /// <param name="state">Name of the first c, for cells that have one.</param>
    /// <param name="lastHidden">Receives the last h [D,B,H].</param>
    /// <param name="lastState">Receives the last c.</param>
    /// <returns>Name of [T,B,D x H].</returns>
    public string Add(int layer, int directions, string input, string own, string hidden, string state, string lastHidden, string lastState)
    {
        string[] outputs = new string[directions], hiddens = new string[directions], states = new string[directions];
        for (int d = 0; d < directions; d++)
        {
            int direction = d;
            string At(string what) => OnnxRecurrent.Invariant($"scan_l{layer}_d{direction}_{what}");
            Parameter Find(string what) => parameters[OnnxRecurrent.Name(what, layer, direction)];
            IOnnxCellStep step = cell.Normalization is { } normalization ? new OnnxLayerNormLstm(graph, normalization, Find, At) : new OnnxCellStep(graph, cell, Find, At);
            string index = graph.Integer(At("index"), d), axis = graph.Integers(At("axis"), 0);
            string First(string states) => graph.Node("Gather", At($"first_{states}"), [states, index], OnnxGraph.Attribute("axis", 0));
            string x = step.Products(input);
            string[] carried = cell.HasCellState ? [First(hidden), First(state)] : [First(hidden)];
            string[] read = own.Length == 0 ? [x] : [x, own];
            string[] last = cell.HasCellState ? [At("h_last"), At("c_last")] : [At("h_last")];
            var body = Body(step, At, Find("weight_hh"), own.Length > 0);
            graph.Node(
                "Scan", [.. last, At("steps")], [.. carried, .. read], OnnxGraph.Attribute("body", body), OnnxGraph.Attribute("num_scan_inputs", read.Length),
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

    /// <summary>One step: h, (c), x [B,G x H] and whether each row has the step, to the new h, (c) and the output. What is the same in all steps stands in the graph around it.</summary>
    private OnnxGraph Body(IOnnxCellStep step, Func<string, string> at, Parameter recurrent, bool ragged)
    {
        int size = recurrent.Shape[1];
        var body = new OnnxGraph();
        string h = body.Input(at("h_before"), Float, Batch, size), c = cell.HasCellState ? body.Input(at("c_before"), Float, Batch, size) : "";
        string x = body.Input(at("x"), Float, Batch, cell.Gates * size), own = ragged ? body.Input(at("own"), OnnxFields.DataType.Bool, Batch, 1) : "";
        var (hidden, state) = step.Add(body, x, h, c);
        if (options.Zoneout > 0)
        {
            string keep = graph.Number(at("keep"), (float)options.Zoneout), move = graph.Number(at("move"), 1 - (float)options.Zoneout);
            string Mixed(string name, string value, string before) =>
                body.Node("Add", at($"{name}_mixed"), [body.Node("Mul", at($"{name}_part"), [value, move]), body.Node("Mul", at($"{name}_kept"), [before, keep])]);
            (hidden, state) = (Mixed("h", hidden, h), cell.HasCellState ? Mixed("c", state, c) : "");
        }

        string output = hidden;
        if (ragged)
        {
            output = body.Node("Where", at("own_output"), [own, hidden, graph.Number(at("nothing"), 0)]);
            (hidden, state) = (body.Node("Where", at("h_own"), [own, hidden, h]), cell.HasCellState ? body.Node("Where", at("c_own"), [own, state, c]) : "");
        }

        body.Output(body.Node("Identity", at("h_after"), [hidden]), Float, Batch, size);
        if (cell.HasCellState)
            body.Output(body.Node("Identity", at("c_after"), [state]), Float, Batch, size);
        body.Output(body.Node("Identity", at("output"), [output]), Float, Batch, size);
        return body;
    }
}
