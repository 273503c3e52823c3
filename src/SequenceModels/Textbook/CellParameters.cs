using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>
/// Parameters of one recurrent cell in PyTorch's layout, or the gradients with respect to them. G gates are stacked by rows:
/// LSTM i, f, g, o; GRU r, z, n; RNN one.
/// </summary>
/// <param name="WeightIh">[G*H,I], acts on the input.</param>
/// <param name="WeightHh">[G*H,H], acts on the previous state.</param>
/// <param name="BiasIh">[G*H,1].</param>
/// <param name="BiasHh">[G*H,1], added besides <paramref name="BiasIh"/>.</param>
internal sealed record CellParameters(Matrix<double> WeightIh, Matrix<double> WeightHh, Matrix<double> BiasIh, Matrix<double> BiasHh)
{
    /// <summary>H.</summary>
    public int HiddenSize => WeightHh.ColumnCount;

    /// <summary>What some cells have besides, by name: peephole weights, gains and shifts of a normalisation; each a single column.</summary>
    public IReadOnlyDictionary<string, Matrix<double>> Further { get; init; } = new Dictionary<string, Matrix<double>>();

    /// <summary>Zeros of the same shapes.</summary>
    public CellParameters ZerosLike() => new(WeightIh.ZerosLike(), WeightHh.ZerosLike(), BiasIh.ZerosLike(), BiasHh.ZerosLike())
    {
        Further = Further.ToDictionary(p => p.Key, p => p.Value.ZerosLike()),
    };

    /// <summary>Element by element sum of two sets of gradients.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other, of the same shapes.</param>
    /// <returns>The sum.</returns>
    public static CellParameters Add(CellParameters left, CellParameters right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new(left.WeightIh + right.WeightIh, left.WeightHh + right.WeightHh, left.BiasIh + right.BiasIh, left.BiasHh + right.BiasHh)
        {
            Further = left.Further.ToDictionary(p => p.Key, p => p.Value + right.Further[p.Key]),
        };
    }

    /// <summary>Takes a cell's parameters out of a table with PyTorch's names, for example <c>rnn.weight_ih_l0_reverse</c>.</summary>
    /// <param name="table">Matrices by name; biases are single columns.</param>
    /// <param name="prefix">What stands before the names, for example <c>rnn.</c></param>
    /// <param name="layer">Index of the layer, from 0.</param>
    /// <param name="reverse">Whether it is the cell that reads backwards.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="KeyNotFoundException">One of the four is missing.</exception>
    public static CellParameters From(IReadOnlyDictionary<string, Matrix<double>> table, string prefix, int layer, bool reverse)
    {
        ArgumentNullException.ThrowIfNull(table);
        string suffix = Suffix(layer, reverse);
        return new(table[$"{prefix}weight_ih{suffix}"], table[$"{prefix}weight_hh{suffix}"], table[$"{prefix}bias_ih{suffix}"], table[$"{prefix}bias_hh{suffix}"]);
    }

    /// <summary>Puts the four matrices into a table under the names that <see cref="From"/> reads.</summary>
    /// <param name="table">Receives them.</param>
    /// <param name="prefix">What stands before the names.</param>
    /// <param name="layer">Index of the layer, from 0.</param>
    /// <param name="reverse">Whether it is the cell that reads backwards.</param>
    public void PutInto(IDictionary<string, Matrix<double>> table, string prefix, int layer, bool reverse)
    {
        ArgumentNullException.ThrowIfNull(table);
        string suffix = Suffix(layer, reverse);
        table[$"{prefix}weight_ih{suffix}"] = WeightIh;
        table[$"{prefix}weight_hh{suffix}"] = WeightHh;
        table[$"{prefix}bias_ih{suffix}"] = BiasIh;
        table[$"{prefix}bias_hh{suffix}"] = BiasHh;
    }

    private static string Suffix(int layer, bool reverse) => string.Create(CultureInfo.InvariantCulture, $"_l{layer}{(reverse ? "_reverse" : "")}");
}
