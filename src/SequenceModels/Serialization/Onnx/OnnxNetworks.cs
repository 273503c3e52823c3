using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>The tasks' networks as graphs, made from parameters under PyTorch's names <c>embedding</c>, <c>rnn</c> and <c>fc</c>.</summary>
internal static class OnnxNetworks
{
    private const string Time = "T";
    private const string Batch = "B";
    private const string Tokens = "tokens";
    private const int Float = OnnxFields.DataType.Float;

    /// <summary>
    /// <c>tokens</c> [T,B], <c>h0</c> and, where the cell has one, <c>c0</c> [L x D,B,H] to <c>logits</c> [T,B,V], <c>hn</c> and <c>cn</c>, in PyTorch's order of states.
    /// </summary>
    public static OnnxGraph LanguageModel(OnnxCell cell, ParameterSet parameters)
    {
        var graph = new OnnxGraph();
        var recurrent = new OnnxRecurrent(graph, parameters, cell);
        int states = recurrent.Layers * recurrent.Directions;
        string embedded = Embedded(graph, parameters);
        string h0 = graph.Input("h0", Float, states, Batch, recurrent.HiddenSize);
        string c0 = cell.HasCellState ? graph.Input("c0", Float, states, Batch, recurrent.HiddenSize) : "";
        var (output, hidden, cells) = recurrent.Add(embedded, "", h0, c0);
        string logits = Linear(graph, parameters, output, "logits");

        graph.Output(logits, Float, Time, Batch, parameters["fc.bias"].Length);
        graph.Output(graph.Node("Concat", "hn", hidden, OnnxGraph.Attribute("axis", 0)), Float, states, Batch, recurrent.HiddenSize);
        if (cell.HasCellState)
            graph.Output(graph.Node("Concat", "cn", cells, OnnxGraph.Attribute("axis", 0)), Float, states, Batch, recurrent.HiddenSize);
        return graph;
    }

    /// <summary><c>tokens</c> [T,B] and <c>lengths</c> [B] to <c>probabilities</c> [B,labels].</summary>
    public static OnnxGraph Classifier(OnnxCell cell, ParameterSet parameters, PoolingKind pooling)
    {
        var graph = new OnnxGraph();
        string embedded = Embedded(graph, parameters);
        string lengths = graph.Input("lengths", OnnxFields.DataType.Int32, Batch);
        var (output, hidden, _) = new OnnxRecurrent(graph, parameters, cell).Add(embedded, lengths, "", "");
        string pooled = pooling == PoolingKind.Last ? Last(graph, hidden[^1]) : OverSteps(graph, pooling, output, lengths);
        string logits = Linear(graph, parameters, pooled, "logits");
        graph.Output(graph.Node("Softmax", "probabilities", [logits], OnnxGraph.Attribute("axis", -1)), Float, Batch, parameters["fc.bias"].Length);
        return graph;
    }

    /// <summary>[T,B] to [T,B,E].</summary>
    private static string Embedded(OnnxGraph graph, ParameterSet parameters) =>
        graph.Node("Gather", "embedded", [graph.Parameter(parameters["embedding.weight"]), graph.Input(Tokens, OnnxFields.DataType.Int64, Time, Batch)]);

    /// <summary>x Wᵀ + b over the last dimension.</summary>
    private static string Linear(OnnxGraph graph, ParameterSet parameters, string input, string output)
    {
        var weight = parameters["fc.weight"];
        string transposed = graph.Transposed("fc.weight_transposed", weight);
        return graph.Node("Add", output, [graph.Node("MatMul", "products", [input, transposed]), graph.Parameter(parameters["fc.bias"])]);
    }

    /// <summary>The last state that each direction reached within a row's own steps: [D,B,H] to [B,D x H].</summary>
    private static string Last(OnnxGraph graph, string hidden)
    {
        string turned = graph.Node("Transpose", "last_turned", [hidden], OnnxGraph.Attribute("perm", [1, 0, 2]));
        return graph.Node("Reshape", "pooled", [turned, graph.Integers("last_rows", 0, -1)]);
    }

    /// <summary>Maximum or mean over the steps t below a row's length: [T,B,F] to [B,F].</summary>
    private static string OverSteps(OnnxGraph graph, PoolingKind pooling, string values, string lengths)
    {
        string own = OwnSteps(graph, "pooled", lengths);
        if (pooling == PoolingKind.Max)
        {
            string least = graph.Node("Where", "masked", [own, values, graph.Number("least", float.NegativeInfinity)]);
            return graph.Node("ReduceMax", "pooled", [least], OnnxGraph.Attribute("axes", [0]), OnnxGraph.Attribute("keepdims", 0));
        }

        string masked = graph.Node("Where", "masked", [own, values, graph.Number("nothing", 0)]);
        string sum = graph.Node("ReduceSum", "sum", [masked, graph.Integers("axis_0", 0)], OnnxGraph.Attribute("keepdims", 0));
        string divisor = graph.Node("Unsqueeze", "divisor", [graph.Node("Cast", "lengths_real", [lengths], OnnxGraph.Attribute("to", Float)), graph.Integers("axis_1", 1)]); // [B,1]
        return graph.Node("Div", "pooled", [sum, divisor]);
    }

    /// <summary>Whether step t of <c>tokens</c> [T,B] is one of a row's own: [T,B,1].</summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="of">What they are for: names begin with it.</param>
    /// <param name="lengths">[B] int32.</param>
    internal static string OwnSteps(OnnxGraph graph, string of, string lengths)
    {
        string zero = graph.Integer($"{of}_zero", 0), axis1 = graph.Integers($"{of}_columns", 1), axis2 = graph.Integers($"{of}_depth", 2);
        string count = graph.Node("Gather", $"{of}_time", [graph.Node("Shape", $"{of}_size", [Tokens]), zero]);
        string steps = graph.Node("Unsqueeze", $"{of}_steps", [graph.Node("Range", $"{of}_range", [zero, count, graph.Integer($"{of}_one", 1)]), axis1]); // [T,1]
        string whole = graph.Node("Cast", $"{of}_lengths", [lengths], OnnxGraph.Attribute("to", OnnxFields.DataType.Int64));
        return graph.Node("Unsqueeze", $"{of}_own", [graph.Node("Less", $"{of}_own_steps", [steps, whole]), axis2]); // [T,B,1]
    }
}
