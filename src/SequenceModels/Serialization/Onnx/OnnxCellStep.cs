using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>A step of the cells without normalisation, in PyTorch's order of gates (docs/equations.md, sections 2 to 5 and 14).</summary>
/// <param name="graph">Receives what is the same in all steps.</param>
/// <param name="cell">The cell.</param>
/// <param name="parameters">Gives a parameter of the direction by its name without layer and direction.</param>
/// <param name="at">Makes a name that no other direction has.</param>
internal sealed class OnnxCellStep(OnnxGraph graph, OnnxCell cell, Func<string, Parameter> parameters, Func<string, string> at) : IOnnxCellStep
{
    private readonly int _hiddenSize = parameters("weight_hh").Shape[1];

    /// <inheritdoc/>
    public string Products(string input) =>
        graph.Node("Add", at("input"), [graph.Node("MatMul", at("products"), [input, graph.Transposed(parameters("weight_ih"))]), graph.Parameter(parameters("bias_ih"))]);

    /// <inheritdoc/>
    public (string Hidden, string State) Add(OnnxGraph body, string x, string hidden, string state)
    {
        string weights = graph.Transposed(parameters("weight_hh")), biases = graph.Parameter(parameters("bias_hh"));
        if (cell == OnnxCell.GruResetBefore)
            return (GruResetBefore(body, x, hidden, weights, biases), "");
        string recurrent = Linear(body, "recurrent", hidden, weights, biases);
        if (cell == OnnxCell.Gru)
            return (Gru(body, x, recurrent, hidden), "");
        string sums = Node(body, "Add", "sums", x, recurrent);
        return cell.HasCellState ? Lstm(body, sums, state) : (Node(body, cell.Activation!, "new_hidden", sums), "");
    }

    /// <summary>c' = f c + i g, h' = o tanh(c'); i and f may see c, and o c'.</summary>
    private (string Hidden, string State) Lstm(OnnxGraph body, string sums, string state)
    {
        string[] gates = Split(body, sums, "gate", 1, Enumerable.Repeat(1, 4));
        string i = Node(body, "Sigmoid", "i", Seen(body, gates[0], "p_i", state)), f = Node(body, "Sigmoid", "f", Seen(body, gates[1], "p_f", state)), g = Node(body, "Tanh", "g", gates[2]);
        string c = Node(body, "Add", "new_cell", Node(body, "Mul", "remembered", f, state), Node(body, "Mul", "added", i, g));
        string o = Node(body, "Sigmoid", "o", Seen(body, gates[3], "p_o", c));
        return (Node(body, "Mul", "new_hidden", o, Node(body, "Tanh", "cell_tanh", c)), c);
    }

    /// <summary>A gate's sum, and what a peephole adds to it.</summary>
    private string Seen(OnnxGraph body, string sum, string peephole, string state) =>
        cell.Peepholes is null ? sum : Node(body, "Add", $"{peephole}_sum", sum, Node(body, "Mul", $"{peephole}_part", state, graph.Parameter(parameters(peephole))));

    /// <summary>h' = n + z (h - n), n = tanh(x_n + r recurrent_n).</summary>
    private string Gru(OnnxGraph body, string x, string recurrent, string hidden)
    {
        string[] inputs = Split(body, x, "input", 1, Enumerable.Repeat(1, 3)), products = Split(body, recurrent, "product", 1, Enumerable.Repeat(1, 3));
        string r = Node(body, "Sigmoid", "r", Node(body, "Add", "r_sum", inputs[0], products[0])), z = Node(body, "Sigmoid", "z", Node(body, "Add", "z_sum", inputs[1], products[1]));
        return Updated(body, z, Node(body, "Add", "n_sum", inputs[2], Node(body, "Mul", "reset", r, products[2])), hidden);
    }

    /// <summary>h' = n + z (h - n), n = tanh(x_n + W_hn (r h) + b_hn).</summary>
    private string GruResetBefore(OnnxGraph body, string x, string hidden, string weights, string biases)
    {
        string[] weight = Split(graph, weights, "weight", 1, [2, 1]), bias = Split(graph, biases, "bias", 0, [2, 1]), inputs = Split(body, x, "input", 1, [2, 1]);
        string[] gates = Split(body, Node(body, "Sigmoid", "gates", Node(body, "Add", "sums", inputs[0], Linear(body, "recurrent", hidden, weight[0], bias[0]))), "gate", 1, [1, 1]);
        string inner = Linear(body, "inner", Node(body, "Mul", "reset", gates[0], hidden), weight[1], bias[1]);
        return Updated(body, gates[1], Node(body, "Add", "n_sum", inputs[1], inner), hidden);
    }

    private string Updated(OnnxGraph body, string z, string sum, string hidden)
    {
        string n = Node(body, "Tanh", "n", sum);
        return Node(body, "Add", "new_hidden", n, Node(body, "Mul", "remembered", z, Node(body, "Sub", "change", hidden, n)));
    }

    private string Linear(OnnxGraph body, string name, string values, string weights, string biases) =>
        Node(body, "Add", name, Node(body, "MatMul", $"{name}_products", values, weights), biases);

    /// <summary>Parts of so many times H.</summary>
    private string[] Split(OnnxGraph into, string values, string name, int axis, IEnumerable<int> sizes)
    {
        long[] parts = [.. sizes.Select(size => (long)size * _hiddenSize)];
        string[] names = [.. Enumerable.Range(0, parts.Length).Select(part => at(OnnxRecurrent.Invariant($"{name}_{part}")))];
        into.Node("Split", names, [values, graph.Integers(at($"{name}_parts"), parts)], OnnxGraph.Attribute("axis", axis));
        return names;
    }

    private string Node(OnnxGraph body, string operation, string name, params string[] inputs) => body.Node(operation, at(name), inputs);
}
