using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Layer normalisation of each column, section 15 of docs/equations.md (Ba, Kiros and Hinton 2016).</summary>
internal sealed class TextbookLayerNorm
{
    private readonly Matrix<double> _gain;
    private readonly Matrix<double> _normal;
    private readonly Matrix<double> _scale;

    /// <summary>Normalises forward.</summary>
    /// <param name="v">[F,B].</param>
    /// <param name="gain">Factor of each component, [F,1].</param>
    /// <param name="shift">Added to each component, [F,1].</param>
    /// <param name="epsilon">ε, added to the variance.</param>
    public TextbookLayerNorm(Matrix<double> v, Matrix<double> gain, Matrix<double> shift, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(v);
        _gain = gain;
        var centred = v - MeanOfRows(v);                                            // (15.1)
        _scale = MeanOfRows(centred.Hadamard(centred)).Map(s => 1 / Math.Sqrt(s + epsilon), Zeros.Include); // (15.2)
        _normal = centred.Hadamard(_scale);                                         // (15.3)
        Value = _normal.TimesColumn(gain).PlusColumn(shift);                        // (15.4)
    }

    /// <summary>The normalised columns, [F,B].</summary>
    public Matrix<double> Value { get; }

    /// <summary>Differentiates.</summary>
    /// <param name="dValue">∂L/∂value, [F,B].</param>
    /// <returns>∂L/∂v, ∂L/∂gain and ∂L/∂shift.</returns>
    public (Matrix<double> DV, Matrix<double> DGain, Matrix<double> DShift) Backward(Matrix<double> dValue)
    {
        ArgumentNullException.ThrowIfNull(dValue);
        var dNormal = dValue.TimesColumn(_gain);                                    // (15.5) of (15.4)
        var dv = (dNormal - MeanOfRows(dNormal) - _normal.Hadamard(MeanOfRows(dNormal.Hadamard(_normal)))).Hadamard(_scale); // (15.6) of (15.1) to (15.3)
        return (dv, dValue.Hadamard(_normal).SumOfColumns(), dValue.SumOfColumns()); // (15.7) of (15.4)
    }

    // The mean of each column, in every row of it.
    private static Matrix<double> MeanOfRows(Matrix<double> v)
    {
        var means = v.ColumnSums() / v.RowCount;
        return Matrix<double>.Build.Dense(v.RowCount, v.ColumnCount, (_, column) => means[column]);
    }
}
