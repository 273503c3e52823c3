namespace SequenceModels.Serialization.Onnx;

/// <summary>One direction of a cell in elementary operators, for the body of a loop over the steps.</summary>
internal interface IOnnxCellStep
{
    /// <summary>What the input has a part in, of all steps at once.</summary>
    /// <param name="input">Name of [T,B,I].</param>
    /// <returns>Name of [T,B,G x H].</returns>
    string Products(string input);

    /// <summary>Adds the nodes of a step.</summary>
    /// <param name="body">Receives them; it sees the constants of the graph around it.</param>
    /// <param name="x">Name of a step's part of <see cref="Products"/>, [B,G x H].</param>
    /// <param name="hidden">Name of h [B,H].</param>
    /// <param name="state">Name of c, for cells that have one.</param>
    /// <returns>Names of the new h and c.</returns>
    (string Hidden, string State) Add(OnnxGraph body, string x, string hidden, string state);
}
