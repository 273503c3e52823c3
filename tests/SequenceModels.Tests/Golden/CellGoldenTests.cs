using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>One step of the float layers, forward and backward, against golden numbers in single precision.</summary>
public sealed class CellGoldenTests
{
    public static TheoryData<string> LstmCells => GoldenFixtures.Keys("lstm_cell");

    public static TheoryData<string> GruCells => GoldenFixtures.Keys("gru_cell");

    public static TheoryData<string> ResetBeforeCells => GoldenFixtures.Keys("gru_reset_before", c => !c.Has("config", "T"));

    [Theory, MemberData(nameof(LstmCells))]
    public void Lstm_values_and_gradients_are_the_golden_ones(string key) => AssertStep(CellKind.Lstm, GoldenFixtures.Case(key), "ifgo", "ufco");

    [Theory, MemberData(nameof(GruCells))]
    public void Gru_values_and_gradients_are_the_golden_ones(string key) => AssertStep(CellKind.Gru, GoldenFixtures.Case(key), "rzn", "ruc");

    [Theory, MemberData(nameof(ResetBeforeCells))]
    public void Gru_with_the_reset_before_the_product_gives_the_golden_values_and_gradients(string key) => AssertStep(CellKind.GruResetBefore, GoldenFixtures.Case(key), "rzn", "ruc");

    private static void AssertStep(CellKind kind, GoldenCase golden, string gates, string notesGates)
    {
        var cell = new GoldenCell(golden, gates, notesGates);
        var tolerance = golden.Float32;
        int batch = cell.X.ColumnCount;
        float[] Values(string name) => Floats(Choose(cell.Parameters, name));
        using var layer = new FloatRecurrentLayers(kind, new SequenceShape(1, batch), cell.X.RowCount, cell.H.RowCount, layers: 1, bidirectional: false, Values);

        using var x = FloatRecurrentLayers.Copy(Columns(cell.X));
        var (h, c) = layer.Forward(x, Columns(cell.H), cell.C is null ? null : Columns(cell.C));
        tolerance.AssertClose(Golden(cell.Next.H), h, $"{golden}: h_next");
        if (cell.Next.C is not null)
            tolerance.AssertClose(Golden(cell.Next.C), c, $"{golden}: c_next");
        tolerance.AssertClose(Golden(cell.Next.H), layer.Output, $"{golden}: output");

        var (dx, dh, dc) = layer.Backward(new float[h.Length], Columns(cell.DNext.H), cell.DNext.C is null ? null : Columns(cell.DNext.C));
        tolerance.AssertClose(Golden(cell.DX), dx, $"{golden}: dx");
        tolerance.AssertClose(Golden(cell.DPrevious.H), dh, $"{golden}: dh");
        if (cell.DPrevious.C is not null)
            tolerance.AssertClose(Golden(cell.DPrevious.C), dc, $"{golden}: dc");
        foreach (var parameter in layer.Parameters.Parameters)
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
