using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>The textbook's cell for each kind of fast cell, over parameters under the fast cell's names.</summary>
internal static class TextbookCells
{
    /// <summary>A cell whose parameters stand in a table under the names of <see cref="RecurrentWeights.Shapes"/>; vectors are single columns.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="table">Matrices by name.</param>
    /// <param name="prefix">What stands before the names, for example <c>rnn.</c></param>
    /// <param name="layer">Index of the layer, from 0.</param>
    /// <param name="reverse">Whether it is the cell that reads backwards.</param>
    public static TextbookCell Of(CellKind kind, IReadOnlyDictionary<string, Matrix<double>> table, string prefix, int layer, bool reverse)
    {
        var cell = RecurrentCell.Of(kind);
        Matrix<double> Find(string name) => table[Name(prefix, name, layer, reverse)];
        var weight = Find("weight_ih");
        var none = Matrix<double>.Build.Dense(weight.RowCount, 1);
        string[] standard = ["bias", "bias_ih", "bias_hh"];
        string[] further = [.. cell.Biases.Where(name => !standard.Contains(name)), .. cell.InputGain is null ? [] : new[] { cell.InputGain }, .. cell.Further.Select(f => f.Name)];
        var first = cell.Biases.FirstOrDefault(standard.Contains);
        var parameters = new CellParameters(weight, Find("weight_hh"), first is null ? none : Find(first), cell.Biases.Contains("bias_hh") ? Find("bias_hh") : none)
        {
            Further = further.ToDictionary(name => name, Find),
        };
        return kind switch
        {
            CellKind.Lstm => new TextbookLstm(parameters),
            CellKind.Gru => new TextbookGru(parameters),
            CellKind.Rnn => new TextbookRnn(parameters),
            CellKind.ReluRnn => new TextbookRnn(parameters, rectified: true),
            CellKind.GruResetBefore => new TextbookGruResetBefore(parameters),
            CellKind.PeepholeLstm => new TextbookPeepholeLstm(parameters),
            CellKind.LayerNormLstm => new TextbookLayerNormLstm(parameters, LayerNormPlacement.ProductsAndOutput),
            CellKind.LayerNormCellLstm => new TextbookLayerNormLstm(parameters, LayerNormPlacement.ProductsAndCell),
            CellKind.LayerNormGatesLstm => new TextbookLayerNormLstm(parameters, LayerNormPlacement.GatesAndOutput),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The textbook has no such cell."),
        };
    }

    /// <summary>Of all parameters or gradients of a cell that of a name, for example <c>p_i</c>.</summary>
    public static Matrix<double> Choose(CellParameters parameters, string name) => name switch
    {
        "weight_ih" => parameters.WeightIh,
        "weight_hh" => parameters.WeightHh,
        "bias_ih" or "bias" => parameters.BiasIh,
        "bias_hh" => parameters.BiasHh,
        _ => parameters.Further[name],
    };

    /// <summary>A parameter's full name.</summary>
    public static string Name(string prefix, string name, int layer, bool reverse) => FormattableString.Invariant($"{prefix}{name}_l{layer}{(reverse ? "_reverse" : "")}");
}
