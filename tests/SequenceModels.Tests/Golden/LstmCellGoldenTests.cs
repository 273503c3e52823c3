using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>One step of the float LSTM layer, forward and backward, against golden numbers in single precision.</summary>
public sealed class LstmCellGoldenTests
{
    public static TheoryData<string> Cells => GoldenFixtures.Keys("lstm_cell");

    [Theory, MemberData(nameof(Cells))]
    public void Values_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var cell = new GoldenCell(golden, "ifgo", "ufco");
        var tolerance = golden.Float32;
        int batch = cell.X.ColumnCount;
        float[] Values(string name) => Floats(Choose(cell.Parameters, name));
        using var lstm = new FloatRecurrentLayers(CellKind.Lstm, new SequenceShape(1, batch), cell.X.RowCount, cell.H.RowCount, layers: 1, bidirectional: false, Values);

        using var x = FloatRecurrentLayers.Copy(Columns(cell.X));
        var (h, c) = lstm.Forward(x, Columns(cell.H), Columns(cell.C!));
        tolerance.AssertClose(Golden(cell.Next.H), h, $"{golden}: h_next");
        tolerance.AssertClose(Golden(cell.Next.C!), c, $"{golden}: c_next");
        tolerance.AssertClose(Golden(cell.Next.H), lstm.Output, $"{golden}: output");

        var (dx, dh, dc) = lstm.Backward(new float[h.Length], Columns(cell.DNext.H), Columns(cell.DNext.C!));
        tolerance.AssertClose(Golden(cell.DX), dx, $"{golden}: dx");
        tolerance.AssertClose(Golden(cell.DPrevious.H), dh, $"{golden}: dh");
        tolerance.AssertClose(Golden(cell.DPrevious.C!), dc, $"{golden}: dc");
        foreach (var parameter in lstm.Parameters.Parameters)
        {
            var want = Choose(cell.DParameters, parameter.Name["rnn.".Length..]);
            tolerance.AssertClose(new GoldenTensor(want.ToRowMajorArray(), [want.RowCount, want.ColumnCount]), parameter.Gradients, $"{golden}: d {parameter.Name}");
        }
    }

    private static Matrix<double> Choose(CellParameters parameters, string name) =>
        name.StartsWith("weight_ih", StringComparison.Ordinal) ? parameters.WeightIh
        : name.StartsWith("weight_hh", StringComparison.Ordinal) ? parameters.WeightHh
        : name.StartsWith("bias_ih", StringComparison.Ordinal) ? parameters.BiasIh
        : parameters.BiasHh;

    private static float[] Floats(Matrix<double> rows) => Array.ConvertAll(rows.ToRowMajorArray(), value => (float)value);

    // Examples are the textbook's columns and the layer's rows.
    private static float[] Columns(Matrix<double> columns) => Array.ConvertAll(columns.ToColumnMajorArray(), value => (float)value);

    private static GoldenTensor Golden(Matrix<double> columns) => new(columns.ToColumnMajorArray(), [columns.ColumnCount, columns.RowCount]);
}
