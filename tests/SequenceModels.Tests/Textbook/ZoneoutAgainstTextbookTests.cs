using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>States that stay as they are, in both directions and with unsorted lengths: the float layer against the textbook, by masks and by their expectation.</summary>
public sealed unsafe class ZoneoutAgainstTextbookTests
{
    private const int Time = 6;
    private const int Batch = 4;
    private const int Inputs = 3;
    private const float Rate = 0.3f;
    private static readonly int[] s_lengths = [4, 6, 1, 3];

    public static TheoryData<CellKind, int> Cells
    {
        get
        {
            var data = new TheoryData<CellKind, int>();
            foreach (var kind in Enum.GetValues<CellKind>())
            {
                data.Add(kind, 5);
                data.Add(kind, 17);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Cells))]
    public void Outputs_and_gradients_agree(CellKind kind, int hidden)
    {
        var random = new Random(hidden);
        bool hasCell = RecurrentCell.Of(kind).HasCellState;
        Matrix<double> Uniform(int rows, int columns) => Matrix<double>.Build.Dense(rows, columns, (_, _) => random.NextSingle() - 0.5f);
        using var context = ComputeContext.Create(2);
        using var parameters = new ParameterSet(RecurrentWeights.Shapes(kind, "rnn", 0, Inputs, hidden, bidirectional: true));
        foreach (var parameter in parameters.Parameters)
        {
            foreach (ref float value in parameter.Values)
                value = random.NextSingle() - 0.5f;
        }

        using var weights = new RecurrentWeights(parameters, kind, "rnn", 0, Inputs, hidden, bidirectional: true);
        weights.Pack(context.Team, backward: true);
        var layer = new RecurrentLayer(weights, context);
        Matrix<double>[] x = [.. Enumerable.Range(0, Time).Select(_ => Uniform(Inputs, Batch))], dOutput = [.. Enumerable.Range(0, Time).Select(_ => Uniform(2 * hidden, Batch))];
        using NativeBuffer input = Copy(x), outputGradient = Copy(dOutput), inputGradient = new(Time * Batch * Inputs);
        int stride = PackedMatrix.PaddedColumns(hidden), masked = Time * Batch * 2 * stride;
        using NativeBuffer keptHidden = new(masked), keptCell = new(masked);
        for (int i = 0; i < masked; i++)
            (keptHidden.Slice(i, 1)[0], keptCell.Slice(i, 1)[0]) = (random.NextSingle() < Rate ? 1 : 0, random.NextSingle() < Rate ? 1 : 0);

        var shape = new SequenceShape(Time, Batch, s_lengths);
        Matrix<double> Mask(NativeBuffer mask, int d, int t) => Matrix<double>.Build.Dense(hidden, Batch, (unit, row) => mask.Slice(((long)t * Batch + row) * 2 * stride + d * stride + unit, 1)[0]);
        var table = parameters.Parameters.ToDictionary(p => p.Name, p => Matrix<double>.Build.DenseOfRowMajor(p.Shape[0], p.Shape.Count == 1 ? 1 : p.Shape[1], Array.ConvertAll(p.Values.ToArray(), v => (double)v)));
        TextbookSequence Run(int d, Func<int, CellState> kept)
        {
            var cell = TextbookCells.Of(kind, table, "rnn.", 0, d == 1);
            return new TextbookSequence(cell, x, cell.ZeroState(Batch), s_lengths, reverse: d == 1, [.. Enumerable.Range(0, Time).Select(kept)]);
        }

        // By masks, with gradients.
        float* output = layer.Forward(shape, LayerInput.FromValues(input.Pointer), null, null, training: true, new Zoneout((nint)keptHidden.Pointer, hasCell ? (nint)keptCell.Pointer : 0, Rate));
        TextbookSequence[] runs = [.. Enumerable.Range(0, 2).Select(d => Run(d, t => new CellState(Mask(keptHidden, d, t), hasCell ? Mask(keptCell, d, t) : null)))];
        AssertClose(Both(runs), new ReadOnlySpan<float>(output, Time * Batch * 2 * hidden), "output");
        layer.Backward(outputGradient.Pointer, inputGradient.Pointer, null, null);
        SequenceGradients[] gradients = [.. runs.Select((run, d) => run.Backward([.. dOutput.Select(g => g.SubMatrix(d * hidden, hidden, 0, Batch))], run.Final.ZerosLike()))];
        AssertClose(gradients[0].X.Zip(gradients[1].X, (one, other) => one + other).Flatten(), inputGradient.Slice(0, Time * Batch * Inputs), "dx");
        var want = new Dictionary<string, Matrix<double>>();
        for (int d = 0; d < 2; d++)
        {
            foreach (var name in parameters.Parameters.Where(p => p.Name.EndsWith("_reverse", StringComparison.Ordinal) == (d == 1)).Select(p => p.Name))
                want[name] = TextbookCells.Choose(gradients[d].Parameters, name["rnn.".Length..name.IndexOf("_l0", StringComparison.Ordinal)]);
        }

        foreach (var parameter in parameters.Parameters)
            AssertClose(want[parameter.Name].ToRowMajorArray(), parameter.Gradients, parameter.Name);

        // By their expectation.
        context.Workspace.Reset();
        output = layer.Forward(shape, LayerInput.FromValues(input.Pointer), null, null, training: false, new Zoneout(0, 0, Rate));
        var part = Matrix<double>.Build.Dense(hidden, Batch, Rate);
        AssertClose(Both([.. Enumerable.Range(0, 2).Select(d => Run(d, _ => new CellState(part, hasCell ? part : null)))]), new ReadOnlySpan<float>(output, Time * Batch * 2 * hidden), "expected output");
    }

    private static double[] Both(TextbookSequence[] runs) => runs[0].Outputs.Zip(runs[1].Outputs, (forward, reverse) => forward.Stack(reverse)).Flatten();

    private static NativeBuffer Copy(IEnumerable<Matrix<double>> steps) => FloatRecurrentLayers.Copy(Array.ConvertAll(steps.Flatten(), value => (float)value));

    private static void AssertClose(double[] want, ReadOnlySpan<float> got, string what) => Tolerance.Float32.AssertClose(new GoldenTensor(want, [want.Length]), got, what);
}
