using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>The few operations of the equations that MathNet has under longer names or not at all.</summary>
internal static class Elementwise
{
    /// <summary>a ⊙ b, element by element.</summary>
    public static Matrix<double> Hadamard(this Matrix<double> a, Matrix<double> b) => a.PointwiseMultiply(b);

    /// <summary>σ(γ) = 1 / (1 + exp(-γ)).</summary>
    public static Matrix<double> Sigmoid(Matrix<double> preActivation) => preActivation.Map(g => 1 / (1 + Math.Exp(-g)));

    /// <summary>tanh(γ).</summary>
    public static Matrix<double> Tanh(Matrix<double> preActivation) => preActivation.Map(Math.Tanh);

    /// <summary>σ' in terms of the gate y = σ(γ): y (1 - y).</summary>
    public static Matrix<double> SigmoidSlope(Matrix<double> gate) => gate.Map(y => y * (1 - y), Zeros.Include);

    /// <summary>tanh' in terms of y = tanh(γ): 1 - y².</summary>
    public static Matrix<double> TanhSlope(Matrix<double> gate) => gate.Map(y => 1 - y * y, Zeros.Include);

    /// <summary>The block of rows of one gate in a stack of gates of <paramref name="size"/> rows each.</summary>
    public static Matrix<double> Gate(this Matrix<double> stacked, int gate, int size) => stacked.SubMatrix(gate * size, size, 0, stacked.ColumnCount);

    /// <summary>Blocks of rows one below the other.</summary>
    public static Matrix<double> Stack(params Matrix<double>[] blocks) => blocks.Aggregate((above, below) => above.Stack(below));

    /// <summary>A column added to every column.</summary>
    public static Matrix<double> PlusColumn(this Matrix<double> matrix, Matrix<double> column) => matrix.MapIndexed((row, _, value) => value + column[row, 0], Zeros.Include);

    /// <summary>Every column multiplied by one, element by element.</summary>
    public static Matrix<double> TimesColumn(this Matrix<double> matrix, Matrix<double> column) => matrix.MapIndexed((row, _, value) => value * column[row, 0], Zeros.Include);

    /// <summary>Σ over the columns (the examples), as one column.</summary>
    public static Matrix<double> SumOfColumns(this Matrix<double> matrix) => matrix.RowSums().ToColumnMatrix();

    /// <summary>A matrix of zeros of the same shape.</summary>
    public static Matrix<double> ZerosLike(this Matrix<double> matrix) => Matrix<double>.Build.Dense(matrix.RowCount, matrix.ColumnCount);

    /// <summary>Column by column <paramref name="matrix"/> where <paramref name="keep"/> holds, else <paramref name="otherwise"/>.</summary>
    public static Matrix<double> WhereColumn(this Matrix<double> matrix, Func<int, bool> keep, Matrix<double> otherwise) =>
        matrix.MapIndexed((row, column, value) => keep(column) ? value : otherwise[row, column], Zeros.Include);
}
