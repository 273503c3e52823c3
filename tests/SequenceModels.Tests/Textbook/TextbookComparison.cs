using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>Float recurrent layers and the textbook's, over the same random parameters, inputs, states and gradients from above.</summary>
/// <param name="Kind">The cell.</param>
/// <param name="Time">T.</param>
/// <param name="Batch">B.</param>
/// <param name="Inputs">I.</param>
/// <param name="Hidden">H.</param>
/// <param name="Layers">L.</param>
/// <param name="Bidirectional">Whether there are two directions.</param>
/// <param name="Ragged">Whether rows have lengths of their own, unsorted; one has all steps.</param>
/// <param name="Seed">Of the numbers.</param>
public sealed record TextbookComparison(CellKind Kind, int Time, int Batch, int Inputs, int Hidden, int Layers, bool Bidirectional, bool Ragged, int Seed)
{
    private int Directions => Bidirectional ? 2 : 1;

    private int Cells => Layers * Directions;

    /// <summary>Holds outputs, final states and all gradients against each other.</summary>
    public void AssertAgreement()
    {
        bool hasCell = RecurrentCell.Of(Kind).HasCellState;
        var random = new Random(Seed);
        int[]? lengths = Ragged ? [.. Enumerable.Range(0, Batch).Select(b => b == Batch / 2 ? Time : random.Next(1, Time + 1))] : null;
        Matrix<double> Normal(int rows, int columns, double deviation = 1) => Matrix<double>.Build.Dense(
            rows, columns, (_, _) => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
        CellState[] States() => [.. Enumerable.Range(0, Cells).Select(_ => new CellState(Normal(Hidden, Batch), hasCell ? Normal(Hidden, Batch) : null))];
        var table = new Dictionary<string, Matrix<double>>();
        for (int layer = 0; layer < Layers; layer++)
        {
            foreach (var (name, shape) in RecurrentWeights.Shapes(Kind, "rnn", layer, layer == 0 ? Inputs : Directions * Hidden, Hidden, Bidirectional))
                table[name] = Normal(shape[0], shape.Length == 1 ? 1 : shape[1], 1 / Math.Sqrt(Hidden)) + (name.Contains("_gamma", StringComparison.Ordinal) ? 1 : 0);
        }

        Matrix<double>[] x = [.. Enumerable.Range(0, Time).Select(_ => Normal(Inputs, Batch))];
        Matrix<double>[] dOutputs = [.. Enumerable.Range(0, Time).Select(_ => Normal(Directions * Hidden, Batch))];
        var (initial, dFinal) = (States(), States());

        TextbookCell[] textbook = [.. Enumerable.Range(0, Cells).Select(cell => TextbookCells.Of(Kind, table, "rnn.", cell / Directions, cell % Directions == 1))];
        var want = new TextbookLayers(textbook, Directions, x, initial, lengths);
        var (wantCells, wantX) = want.Backward(dOutputs, dFinal);

        using var floats = new FloatRecurrentLayers(
            Kind, new SequenceShape(Time, Batch, lengths), Inputs, Hidden, Layers, Bidirectional, name => Floats(table[$"rnn.{name}"].ToRowMajorArray()));
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
        for (int cell = 0; cell < Cells; cell++)
        {
            string suffix = TextbookCells.Name("", "", cell / Directions, cell % Directions == 1);
            foreach (var parameter in floats.Parameters.Parameters.Where(parameter => parameter.Name.EndsWith(suffix, StringComparison.Ordinal)))
                AssertClose(TextbookCells.Choose(wantCells[cell].Parameters, parameter.Name["rnn.".Length..^suffix.Length]).ToRowMajorArray(), parameter.Gradients, parameter.Name);
        }
    }

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);

    // Sums of hundreds of terms of both signs: an error is small beside the largest number of a tensor, not beside each.
    private void AssertClose(double[] want, ReadOnlySpan<float> got, string what)
    {
        var tolerance = new Tolerance(Tolerance.Float32.Relative, Tolerance.Float32.Absolute * Math.Max(1, want.Max(Math.Abs)));
        tolerance.AssertClose(new GoldenTensor(want, [want.Length]), got, $"{Kind}: {what}");
    }
}
