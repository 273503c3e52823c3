using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>The course notes' parameters: one matrix a gate, whose first columns act on the state and the others on the input, and one bias a gate.</summary>
internal static class NotesLayout
{
    /// <summary>Stacks them as PyTorch does.</summary>
    /// <param name="table">Wf, bf, ...; or Waa, Wax and ba for the plain cell.</param>
    /// <param name="gates">The notes' letters in the order of the stacked rows; empty for the plain cell.</param>
    /// <param name="areGradients">Whether these are gradients: both biases then have the notes' one, otherwise the second is zero.</param>
    public static CellParameters Stack(IReadOnlyDictionary<string, Matrix<double>> table, string gates, bool areGradients)
    {
        if (gates.Length == 0)
            return new(table["Wax"], table["Waa"], table["ba"], areGradients ? table["ba"] : table["ba"].ZerosLike());
        var weight = Elementwise.Stack([.. gates.Select(gate => Sign(gates, gate) * table[$"W{gate}"])]);
        var bias = Elementwise.Stack([.. gates.Select(gate => Sign(gates, gate) * table[$"b{gate}"])]);
        int states = weight.RowCount / gates.Length;
        return new(weight.SubMatrix(0, weight.RowCount, states, weight.ColumnCount - states), weight.SubMatrix(0, weight.RowCount, 0, states), bias, areGradients ? bias : bias.ZerosLike());
    }

    /// <summary>Turns stacked gradients back into the notes' matrices, under their names.</summary>
    public static Dictionary<string, Matrix<double>> Unstack(CellParameters gradients, string gates)
    {
        int size = gradients.HiddenSize;
        var table = new Dictionary<string, Matrix<double>>();
        foreach (var (index, gate) in gates.Index())
        {
            table[$"W{gate}"] = Sign(gates, gate) * gradients.WeightHh.Gate(index, size).Append(gradients.WeightIh.Gate(index, size));
            table[$"b{gate}"] = Sign(gates, gate) * gradients.BiasIh.Gate(index, size);
        }

        return table;
    }

    /// <summary>-1 for the update gate of the notes' GRU, which takes the new value where z keeps the old one; 1 for all others.</summary>
    public static double Sign(string gates, char gate) => gates.Contains('r', StringComparison.Ordinal) && gate == 'u' ? -1 : 1;
}
