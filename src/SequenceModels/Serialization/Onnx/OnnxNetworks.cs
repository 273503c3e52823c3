using SequenceModels.Layers;
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
    /// <c>tokens</c> [T,B], <c>h0</c> and, where the cell has one, <c>c0</c> [L x D,B,H] to <c>logits</c> [T,B,V], <c>hn</c> and <c>cn</c>, in PyTorch's order of states. Learned initial states are what an input that is
    /// left out stands for. A model that reads labels has the input <c>labels</c> [B] besides.
    /// </summary>
    public static OnnxGraph LanguageModel(OnnxCell cell, ParameterSet parameters, ArchitectureSettings? options = null)
    {
        var graph = new OnnxGraph();
        var recurrent = new OnnxRecurrent(graph, parameters, cell, options ?? new ArchitectureSettings());
        int states = recurrent.Layers * recurrent.Directions;
        string embedded = parameters.Find(LabelEmbedding.Name) is { } labels ? WithLabels(graph, labels, Embedded(graph, parameters)) : Embedded(graph, parameters);
        string h0 = Initial(graph, parameters, "h0", states, recurrent.HiddenSize);
        string c0 = cell.HasCellState ? Initial(graph, parameters, "c0", states, recurrent.HiddenSize) : "";
        var (output, hidden, cells) = recurrent.Add(embedded, "", "", h0, c0);
        string logits = Linear(graph, parameters, output, "logits");

        graph.Output(logits, Float, Time, Batch, parameters["fc.bias"].Length);
        graph.Output(graph.Node("Concat", "hn", hidden, OnnxGraph.Attribute("axis", 0)), Float, states, Batch, recurrent.HiddenSize);
        if (cell.HasCellState)
            graph.Output(graph.Node("Concat", "cn", cells, OnnxGraph.Attribute("axis", 0)), Float, states, Batch, recurrent.HiddenSize);
        return graph;
    }

    /// <summary><c>tokens</c> [T,B] and <c>lengths</c> [B] to <c>probabilities</c> [B,labels], those of the temperature.</summary>
    public static OnnxGraph Classifier(OnnxCell cell, ParameterSet parameters, PoolingKind pooling, ArchitectureSettings? options = null, double temperature = 1)
    {
        options ??= new ArchitectureSettings();
        var graph = new OnnxGraph();
        string embedded = Embedded(graph, parameters);
        string lengths = graph.Input("lengths", OnnxFields.DataType.Int32, Batch);
        var recurrent = new OnnxRecurrent(graph, parameters, cell, options);
        bool ofStates = pooling == PoolingKind.Last && !options.Residual && !options.LayerNorm, loops = OnnxScan.Needed(cell, options);
        var steps = ofStates && !loops ? null : OnnxSteps.Add(graph, Tokens, lengths);
        string Beginning(string name) => parameters.Find(name) is { } learned ? ForEachRow(graph, graph.Parameter(learned)) : loops ? Zeros(graph, name, recurrent) : "";
        var (output, hidden, _) = recurrent.Add(embedded, lengths, loops ? steps!.Own : "", Beginning("h0"), cell.HasCellState ? Beginning("c0") : "");
        string pooled = ofStates ? Last(graph, hidden[^1]) : new OnnxPooling(graph, parameters, steps!).OverSteps(pooling, output, lengths, recurrent.Directions);
        string logits = Linear(graph, parameters, pooled, "logits");
        if (temperature != 1)
            logits = graph.Node("Div", "scaled_logits", [logits, graph.Number("temperature", (float)temperature)]);
        graph.Output(graph.Node("Softmax", "probabilities", [logits], OnnxGraph.Attribute("axis", -1)), Float, Batch, parameters["fc.bias"].Length);
        return graph;
    }

    /// <summary>An input of states. If there are learned ones they are its default, one row that serves all; then one row may be given for all too.</summary>
    private static string Initial(OnnxGraph graph, ParameterSet parameters, string name, int states, int size)
    {
        if (parameters.Find(name) is not { } learned)
            return graph.Input(name, Float, states, Batch, size);
        graph.Input(name, Float, states, $"{name}_rows", size);
        return ForEachRow(graph, graph.Parameter(learned));
    }

    /// <summary>States of zeros, for loops, which have to be told them.</summary>
    private static string Zeros(OnnxGraph graph, string name, OnnxRecurrent recurrent) =>
        ForEachRow(graph, graph.Numbers(name, [recurrent.Layers * recurrent.Directions, 1, recurrent.HiddenSize], values => values.Clear()));

    /// <summary>[L x D,1 or B,H] to [L x D,B,H].</summary>
    private static string ForEachRow(OnnxGraph graph, string states)
    {
        string size = graph.Node("Shape", $"{states}_size", [Tokens]);
        string batch = graph.Node("Gather", $"{states}_batch", [size, graph.Integers($"{states}_second", 1)]);
        string one = graph.Integers($"{states}_one", 1);
        return graph.Node("Expand", $"{states}_all", [states, graph.Node("Concat", $"{states}_shape", [one, batch, one], OnnxGraph.Attribute("axis", 0))]);
    }

    /// <summary>[T,B] to [T,B,E].</summary>
    private static string Embedded(OnnxGraph graph, ParameterSet parameters) =>
        graph.Node("Gather", "embedded", [graph.Parameter(parameters["embedding.weight"]), graph.Input(Tokens, OnnxFields.DataType.Int64, Time, Batch)]);

    /// <summary>[T,B,E] and the vectors of the rows' labels, [B,E], at every step.</summary>
    private static string WithLabels(OnnxGraph graph, Parameter labels, string embedded)
    {
        string ofRows = graph.Node("Gather", "embedded_labels", [graph.Parameter(labels), graph.Input("labels", OnnxFields.DataType.Int64, Batch)]);
        return graph.Node("Add", "conditioned", [embedded, ofRows]);
    }

    /// <summary>x Wᵀ + b over the last dimension; without a W of its own by the embedding, behind a projection if there is one.</summary>
    private static string Linear(OnnxGraph graph, ParameterSet parameters, string input, string output)
    {
        string weight;
        if (parameters.Find("fc.weight") is { } own)
        {
            weight = graph.Transposed(own);
        }
        else
        {
            weight = graph.Node("Transpose", "embedding_transposed", [parameters["embedding.weight"].Name], OnnxGraph.Attribute("perm", [1, 0]));
            if (parameters.Find(LinearWeights.ProjectionWeight) is { } projection)
                input = graph.Node("MatMul", "projected", [input, graph.Transposed(projection)]);
        }

        return graph.Node("Add", output, [graph.Node("MatMul", "products", [input, weight]), graph.Parameter(parameters["fc.bias"])]);
    }

    /// <summary>The last state that each direction reached within a row's own steps: [D,B,H] to [B,D x H].</summary>
    private static string Last(OnnxGraph graph, string hidden)
    {
        string turned = graph.Node("Transpose", "last_turned", [hidden], OnnxGraph.Attribute("perm", [1, 0, 2]));
        return graph.Node("Reshape", "pooled", [turned, graph.Integers("last_rows", 0, -1)]);
    }
}
