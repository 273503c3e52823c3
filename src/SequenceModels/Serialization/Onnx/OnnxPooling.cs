using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>One vector of the steps t below a row's length: [T,B,F] to [B,F].</summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="parameters">Holds those of the attention.</param>
/// <param name="steps">The rows' own steps.</param>
/// <param name="prefix">Begins the names of all values, so that several poolings can stand in one graph.</param>
internal sealed class OnnxPooling(OnnxGraph graph, ParameterSet parameters, OnnxSteps steps, string prefix = "")
{
    private const int Float = OnnxFields.DataType.Float;

    /// <summary>Pools.</summary>
    /// <param name="pooling">How.</param>
    /// <param name="values">Name of [T,B,F].</param>
    /// <param name="lengths">Name of [B] int32.</param>
    /// <param name="directions">D, for the last step of each.</param>
    /// <returns>Name of [B,F], of all three poolings together [B,3F].</returns>
    public string OverSteps(PoolingKind pooling, string values, string lengths, int directions)
    {
        string own = steps.Own;
        switch (pooling)
        {
            case PoolingKind.Max:
                string least = graph.Node("Where", At("masked"), [own, values, graph.Number(At("least"), float.NegativeInfinity)]);
                return graph.Node("ReduceMax", At("pooled"), [least], OnnxGraph.Attribute("axes", [0]), OnnxGraph.Attribute("keepdims", 0));
            case PoolingKind.Attention:
                return Summed(At("pooled"), graph.Node("Mul", At("weighted"), [values, Parts(values, own)]));
            case PoolingKind.Last:
                return Last(values, directions);
            case PoolingKind.Concat:
                string Part(PoolingKind part, string name) => new OnnxPooling(graph, parameters, steps, name).OverSteps(part, values, lengths, directions);
                string[] parts = [Part(PoolingKind.Last, "last_"), Part(PoolingKind.Max, "maximum_"), Part(PoolingKind.Mean, "mean_")];
                return graph.Node("Concat", At("pooled"), parts, OnnxGraph.Attribute("axis", 1));
            default:
                string sum = Summed(At("sum"), graph.Node("Where", At("masked"), [own, values, graph.Number(At("nothing"), 0)]));
                string real = graph.Node("Cast", At("lengths_real"), [lengths], OnnxGraph.Attribute("to", Float));
                string divisor = graph.Node("Unsqueeze", At("divisor"), [real, graph.Integers(At("axis_1"), 1)]); // [B,1]
                return graph.Node("Div", At("pooled"), [sum, divisor]);
        }
    }

    private string At(string name) => prefix + name;

    private string Summed(string name, string values) => graph.Node("ReduceSum", name, [values, graph.Integers($"{name}_axis", 0)], OnnxGraph.Attribute("keepdims", 0));

    /// <summary>softmax over t of u tanh(W h_t + b): [T,B,1].</summary>
    private string Parts(string values, string own)
    {
        string hidden = graph.Node("Add", "attention_hidden", [graph.Node("MatMul", "attention_products", [values, graph.Transposed(parameters["attention.weight"])]), graph.Parameter(parameters["attention.bias"])]);
        string scores = graph.Node("MatMul", "attention_scores", [graph.Node("Tanh", "attention_tanh", [hidden]), graph.Transposed(parameters["score.weight"])]);
        string masked = graph.Node("Where", "attention_masked", [own, scores, graph.Number("least", float.NegativeInfinity)]);
        return graph.Node("Softmax", "attention_parts", [masked], OnnxGraph.Attribute("axis", 0));
    }

    /// <summary>What stands at the last step of the forward half and at the first of the reverse half.</summary>
    private string Last(string values, int directions)
    {
        string next = graph.Node("Add", At("next_steps"), [steps.Numbers, graph.Integer(At("one"), 1)]);
        string last = graph.Node("Unsqueeze", At("at_last"), [graph.Node("Equal", At("last_steps"), [next, steps.Lengths]), graph.Integers(At("axis_2"), 2)]); // [T,B,1]
        string nothing = graph.Number(At("nothing"), 0);
        if (directions == 1)
            return Summed(At("pooled"), graph.Node("Where", At("masked"), [last, values, nothing]));
        string[] halves = [At("forward_half"), At("reverse_half")];
        graph.Node("Split", halves, [values], OnnxGraph.Attribute("axis", 2));
        string forward = Summed(At("forward_last"), graph.Node("Where", At("masked"), [last, halves[0], nothing]));
        string reverse = graph.Node("Gather", At("reverse_last"), [halves[1], graph.Integer(At("zero"), 0)], OnnxGraph.Attribute("axis", 0));
        return graph.Node("Concat", At("pooled"), [forward, reverse], OnnxGraph.Attribute("axis", 1));
    }
}
