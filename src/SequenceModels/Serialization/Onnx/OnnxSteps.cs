namespace SequenceModels.Serialization.Onnx;

/// <summary>Which steps of <c>tokens</c> [T,B] are a row's own, in a graph.</summary>
/// <param name="Numbers">Name of 0..T-1, [T,1].</param>
/// <param name="Lengths">Name of the rows' lengths as int64, [B].</param>
/// <param name="Own">Name of whether a step is one of a row's own, [T,B,1].</param>
internal sealed record OnnxSteps(string Numbers, string Lengths, string Own)
{
    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">Receives them.</param>
    /// <param name="tokens">Name of [T,B].</param>
    /// <param name="lengths">Name of [B] int32.</param>
    public static OnnxSteps Add(OnnxGraph graph, string tokens, string lengths)
    {
        string zero = graph.Integer("steps_zero", 0), axis1 = graph.Integers("steps_columns", 1), axis2 = graph.Integers("steps_depth", 2);
        string count = graph.Node("Gather", "time", [graph.Node("Shape", "size", [tokens]), zero]);
        string steps = graph.Node("Unsqueeze", "steps", [graph.Node("Range", "range", [zero, count, graph.Integer("steps_one", 1)]), axis1]);
        string whole = graph.Node("Cast", "lengths_whole", [lengths], OnnxGraph.Attribute("to", OnnxFields.DataType.Int64));
        return new OnnxSteps(steps, whole, graph.Node("Unsqueeze", "own", [graph.Node("Less", "own_steps", [steps, whole]), axis2]));
    }
}
