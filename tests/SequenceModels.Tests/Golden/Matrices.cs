using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Golden tensors as the textbook's matrices, one example a column, and back.</summary>
internal static class Matrices
{
    /// <summary>[R,C] as it stands; [R] as one column.</summary>
    public static Matrix<double> AsRows(this GoldenTensor tensor) => tensor.Shape switch
    {
        [var rows] => Matrix<double>.Build.DenseOfColumnMajor(rows, 1, tensor.Values),
        [var rows, var columns] => Matrix<double>.Build.DenseOfRowMajor(rows, columns, tensor.Values),
        _ => throw new InvalidDataException($"A tensor of {tensor.Shape.Length} dimensions is no matrix."),
    };

    /// <summary>[B,F] turned round: one example a column.</summary>
    public static Matrix<double> AsColumns(this GoldenTensor tensor) =>
        Matrix<double>.Build.DenseOfColumnMajor(tensor.Shape[1], tensor.Shape[0], tensor.Values);

    /// <summary>[T,B,F] as T matrices [F,B].</summary>
    public static Matrix<double>[] AsSteps(this GoldenTensor tensor) =>
        [.. Enumerable.Range(0, tensor.Shape[0]).Select(t => tensor[t].AsColumns())];

    /// <summary>Parameters by name, biases as single columns.</summary>
    public static Dictionary<string, Matrix<double>> AsTable(this IEnumerable<KeyValuePair<string, GoldenTensor>> tensors) =>
        tensors.ToDictionary(t => t.Key, t => t.Value.AsRows());

    /// <summary>T matrices [F,B] in the order of a tensor [T,B,F].</summary>
    public static double[] Flatten(this IEnumerable<Matrix<double>> steps) => [.. steps.SelectMany(step => step.ToColumnMajorArray())];

    /// <summary>Fails at the first number that is too far away.</summary>
    public static void AssertClose(this Tolerance tolerance, Matrix<double> want, Matrix<double> got, string what)
    {
        Assert.True((want.RowCount, want.ColumnCount) == (got.RowCount, got.ColumnCount), $"{what}: shape [{got.RowCount},{got.ColumnCount}] instead of [{want.RowCount},{want.ColumnCount}].");
        tolerance.AssertClose(new GoldenTensor(want.ToRowMajorArray(), [want.RowCount, want.ColumnCount]), got.ToRowMajorArray(), what);
    }

    /// <summary>||got - want|| / ||want||, Frobenius; NaN if both are zero.</summary>
    public static double RelativeError(Matrix<double> got, Matrix<double> want) => (got - want).FrobeniusNorm() / want.FrobeniusNorm();
}
