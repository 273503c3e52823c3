using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>The float recurrent layers of every cell against the textbook at many shapes: around the sixteen lanes, three layers, two directions, unsorted lengths.</summary>
public sealed class RecurrentLayerAgainstTextbookTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1, false, false)]
    [InlineData(3, 2, 1, 1, 2, false, false)]
    [InlineData(6, 5, 7, 15, 1, true, false)]
    [InlineData(6, 5, 7, 16, 2, true, true)]
    [InlineData(5, 13, 17, 17, 1, false, true)]
    [InlineData(9, 4, 3, 33, 3, false, true)]
    [InlineData(7, 6, 4, 9, 3, true, true)]
    [InlineData(20, 27, 16, 48, 2, true, true)]
    public void Outputs_states_and_gradients_agree(int time, int batch, int inputs, int hidden, int layers, bool bidirectional, bool ragged)
    {
        foreach (var kind in Enum.GetValues<CellKind>())
            Agree(kind, time, batch, inputs, hidden, layers, bidirectional, ragged);
    }

    private static TextbookCell Textbook(CellKind kind, CellParameters parameters) => kind switch
    {
        CellKind.Gru => new TextbookGru(parameters),
        CellKind.Rnn => new TextbookRnn(parameters),
        CellKind.ReluRnn => new TextbookRnn(parameters, rectified: true),
        _ => new TextbookLstm(parameters),
    };

    private static void Agree(CellKind kind, int time, int batch, int inputs, int hidden, int layers, bool bidirectional, bool ragged)
    {
        int gates = RecurrentCell.Of(kind).Gates;
        bool hasCell = RecurrentCell.Of(kind).HasCellState;
        var random = new Random(time + 31 * hidden);
        int directions = bidirectional ? 2 : 1, cells = layers * directions;
        int[]? lengths = ragged ? [.. Enumerable.Range(0, batch).Select(b => b == batch / 2 ? time : random.Next(1, time + 1))] : null;
        Matrix<double> Normal(int rows, int columns, double deviation = 1) => Matrix<double>.Build.Dense(
            rows, columns, (_, _) => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
        CellState[] States() => [.. Enumerable.Range(0, cells).Select(_ => new CellState(Normal(hidden, batch), hasCell ? Normal(hidden, batch) : null))];
        double scale = 1 / Math.Sqrt(hidden);
        var table = new Dictionary<string, Matrix<double>>();
        for (int cell = 0; cell < cells; cell++)
        {
            int size = cell < directions ? inputs : directions * hidden;
            new CellParameters(Normal(gates * hidden, size, scale), Normal(gates * hidden, hidden, scale), Normal(gates * hidden, 1, scale), Normal(gates * hidden, 1, scale)).PutInto(table, "", cell / directions, cell % directions == 1);
        }

        Matrix<double>[] x = [.. Enumerable.Range(0, time).Select(_ => Normal(inputs, batch))];
        Matrix<double>[] dOutputs = [.. Enumerable.Range(0, time).Select(_ => Normal(directions * hidden, batch))];
        var (initial, dFinal) = (States(), States());

        TextbookCell[] textbook = [.. Enumerable.Range(0, cells).Select(cell => Textbook(kind, CellParameters.From(table, "", cell / directions, cell % directions == 1)))];
        var want = new TextbookLayers(textbook, directions, x, initial, lengths);
        var (wantCells, wantX) = want.Backward(dOutputs, dFinal);

        using var floats = new FloatRecurrentLayers(kind, new SequenceShape(time, batch, lengths), inputs, hidden, layers, bidirectional, name => Floats(table[name].ToRowMajorArray()));
        using var read = FloatRecurrentLayers.Copy(Floats(x.Flatten()));
        var (h, c) = floats.Forward(read, Floats(initial.Select(s => s.H).Flatten()), hasCell ? Floats(initial.Select(s => s.C!).Flatten()) : null);
        AssertClose(want.Outputs.Flatten(), floats.Output, "output");
        AssertClose(want.Final.Select(s => s.H).Flatten(), h, "h_n");
        if (hasCell)
            AssertClose(want.Final.Select(s => s.C!).Flatten(), c, "c_n");

        var (dx, dh, dc) = floats.Backward(Floats(dOutputs.Flatten()), Floats(dFinal.Select(s => s.H).Flatten()), hasCell ? Floats(dFinal.Select(s => s.C!).Flatten()) : null);
        AssertClose(wantX.Flatten(), dx, "dx");
        AssertClose(wantCells.Select(g => g.Initial.H).Flatten(), dh, "dh0");
        if (hasCell)
            AssertClose(wantCells.Select(g => g.Initial.C!).Flatten(), dc, "dc0");
        var gradients = new Dictionary<string, Matrix<double>>();
        for (int cell = 0; cell < cells; cell++)
            wantCells[cell].Parameters.PutInto(gradients, "rnn.", cell / directions, cell % directions == 1);
        foreach (var parameter in floats.Parameters.Parameters)
            AssertClose(gradients[parameter.Name].ToRowMajorArray(), parameter.Gradients, parameter.Name);
    }

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);

    // Sums of hundreds of terms of both signs: an error is small beside the largest number of a tensor, not beside each.
    private static void AssertClose(double[] want, ReadOnlySpan<float> got, string what)
    {
        var tolerance = new Tolerance(Tolerance.Float32.Relative, Tolerance.Float32.Absolute * Math.Max(1, want.Max(Math.Abs)));
        tolerance.AssertClose(new GoldenTensor(want, [want.Length]), got, what);
    }
}
