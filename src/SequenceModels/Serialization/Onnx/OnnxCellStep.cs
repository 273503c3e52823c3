namespace SequenceModels.Serialization.Onnx;

/// <summary>One step of a cell in elementary operators, from the products of its input and of its state (docs/equations.md, sections 2 to 4).</summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="cell">The cell.</param>
/// <param name="at">Makes a name that no other step has.</param>
internal sealed class OnnxCellStep(OnnxGraph graph, OnnxCell cell, Func<string, string> at)
{
    /// <summary>Adds the nodes.</summary>
    /// <param name="x">Name of W_ih x + b_ih [B,G x H], in PyTorch's order of gates.</param>
    /// <param name="recurrent">Name of W_hh h + b_hh likewise.</param>
    /// <param name="hidden">Name of h [B,H].</param>
    /// <param name="state">Name of c, for cells that have one.</param>
    /// <returns>Names of the new h and c.</returns>
    /// <exception cref="NotSupportedException">The cell is not known here.</exception>
    public (string Hidden, string State) Add(string x, string recurrent, string hidden, string state)
    {
        if (cell == OnnxCell.Gru)
            return (Gru(x, recurrent, hidden), "");
        string sums = Node("Add", "sums", x, recurrent);
        if (cell == OnnxCell.Lstm)
            return Lstm(sums, state);
        return cell.Activation is { } activation ? (Node(activation, "hidden", sums), "") : throw new NotSupportedException("A step of this cell cannot be written for ONNX.");
    }

    /// <summary>c' = f c + i g, h' = o tanh(c').</summary>
    private (string Hidden, string State) Lstm(string sums, string state)
    {
        string[] gates = Split(sums, "gate", 4);
        string i = Node("Sigmoid", "i", gates[0]), f = Node("Sigmoid", "f", gates[1]), g = Node("Tanh", "g", gates[2]), o = Node("Sigmoid", "o", gates[3]);
        string c = Node("Add", "cell", Node("Mul", "remembered", f, state), Node("Mul", "added", i, g));
        return (Node("Mul", "hidden", o, Node("Tanh", "cell_tanh", c)), c);
    }

    /// <summary>h' = n + z (h - n), n = tanh(x_n + r recurrent_n).</summary>
    private string Gru(string x, string recurrent, string hidden)
    {
        string[] inputs = Split(x, "input", 3), products = Split(recurrent, "product", 3);
        string r = Node("Sigmoid", "r", Node("Add", "r_sum", inputs[0], products[0])), z = Node("Sigmoid", "z", Node("Add", "z_sum", inputs[1], products[1]));
        string n = Node("Tanh", "n", Node("Add", "n_sum", inputs[2], Node("Mul", "reset", r, products[2])));
        return Node("Add", "hidden", n, Node("Mul", "remembered", z, Node("Sub", "change", hidden, n)));
    }

    private string[] Split(string values, string name, int count)
    {
        string[] parts = [.. Enumerable.Range(0, count).Select(part => at(OnnxRecurrent.Invariant($"{name}_{part}")))];
        graph.Node("Split", parts, [values], OnnxGraph.Attribute("axis", 1));
        return parts;
    }

    private string Node(string operation, string name, params string[] inputs) => graph.Node(operation, at(name), inputs);
}
