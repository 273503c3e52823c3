using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;

namespace SequenceModels.Tests.Textbook;

/// <summary>The inputs on which the errors printed in docs/equations.md were measured.</summary>
internal static class CourseNotesData
{
    /// <summary>One case by its name in our own file.</summary>
    public static GoldenCase Case(string name) => GoldenFixtures.Own("course_notes.json").Single(c => c.Name == name);

    /// <summary>The cell of a case, and what arrives at it from above and from the next step.</summary>
    public static (CourseNotesLstm Cell, Matrix<double> DA, Matrix<double> DC) Cell(GoldenCase golden) => (
        new CourseNotesLstm(golden.Tensors("params").AsTable(), Input(golden, "x"), Input(golden, "a_prev"), Input(golden, "c_prev")),
        golden.Tensor("upstream", "a_next").AsRows(),
        golden.Tensor("upstream", "c_next").AsRows());

    public static Matrix<double> Input(GoldenCase golden, string name) => golden.Tensor("inputs", name).AsRows();

    /// <summary>[F,B,T] as T matrices [F,B].</summary>
    public static Matrix<double>[] Steps(GoldenTensor tensor)
    {
        int features = tensor.Shape[0], batch = tensor.Shape[1], steps = tensor.Shape[2];
        return [.. Enumerable.Range(0, steps).Select(t => Matrix<double>.Build.Dense(features, batch, (f, b) => tensor.Values[(f * batch + b) * steps + t]))];
    }

    /// <summary>Fails unless the relative error rounds to the printed one.</summary>
    public static void AssertPrinted(double printed, Matrix<double> got, Matrix<double> want, string what)
    {
        double error = Matrices.RelativeError(got, want);
        Assert.True(Math.Abs(error - printed) <= 0.0005 + 1e-9, $"{what}: the relative error is {error:F4}, printed {printed}.");
    }

    /// <summary>Fails unless the two agree to rounding.</summary>
    public static void AssertEqual(Matrix<double> got, Matrix<double> want, string what)
    {
        double error = Matrices.RelativeError(got, want);
        Assert.True(error <= 1e-13, $"{what}: the relative error is {error}.");
    }
}
