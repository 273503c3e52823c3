using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>One vector of the steps t below a row's length: [T,B,F] to [B,F].</summary>
internal static class OnnxPooling
{
    private const int Float = OnnxFields.DataType.Float;

    /// <summary>Pools.</summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="parameters">Holds those of the attention.</param>
    /// <param name="pooling">How.</param>
    /// <param name="values">Name of [T,B,F].</param>
    /// <param name="lengths">Name of [B] int32.</param>
    /// <param name="steps">The rows' own steps.</param>
    /// <param name="directions">D, for the last step of each.</param>
    /// <returns>Name of [B,F].</returns>
    public static string OverSteps(OnnxGraph graph, ParameterSet parameters, PoolingKind pooling, string values, string lengths, OnnxSteps steps, int directions)
    {
        string axis0 = graph.Integers("axis_0", 0), axis1 = graph.Integers("axis_1", 1);
        string own = steps.Own;
        switch (pooling)
        {
            case PoolingKind.Max:
                string least = graph.Node("Where", "masked", [own, values, graph.Number("least", float.NegativeInfinity)]);
                return graph.Node("ReduceMax", "pooled", [least], OnnxGraph.Attribute("axes", [0]), OnnxGraph.Attribute("keepdims", 0));
            case PoolingKind.Attention:
                return Summed(graph, "pooled", graph.Node("Mul", "weighted", [values, Parts(graph, parameters, values, own)]), axis0);
            case PoolingKind.Last:
                return Last(graph, values, steps, axis0, directions);
            default:
                string sum = Summed(graph, "sum", graph.Node("Where", "masked", [own, values, graph.Number("nothing", 0)]), axis0);
                string divisor = graph.Node("Unsqueeze", "divisor", [graph.Node("Cast", "lengths_real", [lengths], OnnxGraph.Attribute("to", Float)), axis1]); // [B,1]
                return graph.Node("Div", "pooled", [sum, divisor]);
        }
    }

    private static string Summed(OnnxGraph graph, string name, string values, string axis0) =>
        graph.Node("ReduceSum", name, [values, axis0], OnnxGraph.Attribute("keepdims", 0));

    /// <summary>softmax over t of u tanh(W h_t + b): [T,B,1].</summary>
    private static string Parts(OnnxGraph graph, ParameterSet parameters, string values, string own)
    {
        string hidden = graph.Node("Add", "attention_hidden", [graph.Node("MatMul", "attention_products", [values, graph.Transposed(parameters["attention.weight"])]), graph.Parameter(parameters["attention.bias"])]);
        string scores = graph.Node("MatMul", "attention_scores", [graph.Node("Tanh", "attention_tanh", [hidden]), graph.Transposed(parameters["score.weight"])]);
        string masked = graph.Node("Where", "attention_masked", [own, scores, graph.Number("least", float.NegativeInfinity)]);
        return graph.Node("Softmax", "attention_parts", [masked], OnnxGraph.Attribute("axis", 0));
    }

    /// <summary>What stands at the last step of the forward half and at the first of the reverse half.</summary>
    private static string Last(OnnxGraph graph, string values, OnnxSteps steps, string axis0, int directions)
    {
        string next = graph.Node("Add", "next_steps", [steps.Numbers, graph.Integer("one", 1)]);
        string last = graph.Node("Unsqueeze", "at_last", [graph.Node("Equal", "last_steps", [next, steps.Lengths]), graph.Integers("axis_2", 2)]); // [T,B,1]
        string nothing = graph.Number("nothing", 0);
        if (directions == 1)
            return Summed(graph, "pooled", graph.Node("Where", "masked", [last, values, nothing]), axis0);
        graph.Node("Split", ["forward_half", "reverse_half"], [values], OnnxGraph.Attribute("axis", 2));
        string forward = Summed(graph, "forward_last", graph.Node("Where", "masked", [last, "forward_half", nothing]), axis0);
        string reverse = graph.Node("Gather", "reverse_last", ["reverse_half", graph.Integer("zero", 0)], OnnxGraph.Attribute("axis", 0));
        return graph.Node("Concat", "pooled", [forward, reverse], OnnxGraph.Attribute("axis", 1));
    }
}
