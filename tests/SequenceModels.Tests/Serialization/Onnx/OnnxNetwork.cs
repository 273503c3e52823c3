using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Serialization;
using SequenceModels.Serialization.Onnx;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Textbook;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Serialization.Onnx;

/// <summary>A network of random weights in any of the cells that the exporter knows, and the textbook's answer over the same weights.</summary>
internal sealed class OnnxNetwork : IDisposable
{
    public const int Vocabulary = 11;
    public const int Hidden = 6;
    private readonly CellKind _kind;
    private readonly int _layers;
    private readonly bool _bidirectional;

    public OnnxNetwork(CellKind kind, int layers, bool bidirectional, int outputs, Random random)
    {
        (_kind, _layers, _bidirectional) = (kind, layers, bidirectional);
        Cell = OnnxCell.Of(kind);
        var recurrent = Enumerable.Range(0, layers).SelectMany(layer => RecurrentWeights.Shapes(kind, "rnn", layer, layer == 0 ? 5 : Directions * Hidden, Hidden, bidirectional));
        Parameters = new ParameterSet([.. PytorchModules.Embedding("embedding", Vocabulary, 5), .. recurrent, .. PytorchModules.Linear("fc", Directions * Hidden, outputs)]);
        FillWithRandom(Parameters, random);
    }

    public OnnxCell Cell { get; }

    public ParameterSet Parameters { get; }

    public int Directions => _bidirectional ? 2 : 1;

    /// <summary>L x D.</summary>
    public int States => _layers * Directions;

    /// <summary>Fills parameters with numbers in -0.6..0.6: gates are neither shut nor saturated.</summary>
    public static void FillWithRandom(ParameterSet parameters, Random random)
    {
        foreach (var parameter in parameters.Parameters)
        {
            foreach (ref float value in parameter.Values)
                value = 1.2f * random.NextSingle() - 0.6f;
        }
    }

    /// <summary>A graph as a file.</summary>
    public static byte[] File(OnnxGraph graph)
    {
        using var file = new MemoryStream();
        OnnxExport.ToMessage(graph, []).WriteTo(file);
        return file.ToArray();
    }

    /// <summary>Runs the textbook's layers.</summary>
    /// <param name="tokens">[T,B].</param>
    /// <param name="batch">B.</param>
    /// <param name="lengths">Steps of each row; <c>null</c>: all.</param>
    /// <param name="h0">[L x D,B,H]; <c>null</c>: zero.</param>
    /// <param name="c0">[L x D,B,H].</param>
    public TextbookLayers Run(int[] tokens, int batch, int[]? lengths, float[]? h0, float[]? c0)
    {
        var table = Parameters.Parameters.ToDictionary(parameter => parameter.Name, Matrix);
        TextbookCell[] cells = [.. Enumerable.Range(0, States).Select(index => TextbookCells.Of(_kind, table, "rnn.", index / Directions, index % Directions == 1))];
        Matrix<double>[] x = [.. Enumerable.Range(0, tokens.Length / batch).Select(t =>
            Matrix<double>.Build.Dense(5, batch, (component, row) => table["embedding.weight"][tokens[t * batch + row], component]))];
        CellState[] initial = [.. cells.Select((cell, index) => h0 is null ? cell.ZeroState(batch) : new CellState(State(h0, index, batch), cell.HasCellState ? State(c0!, index, batch) : null))];
        return new TextbookLayers(cells, Directions, x, initial, lengths);
    }

    /// <summary>fc over [F,rows].</summary>
    public Matrix<double> Linear(Matrix<double> values) => (Matrix(Parameters["fc.weight"]) * values).PlusColumn(Matrix(Parameters["fc.bias"]));

    public void Dispose() => Parameters.Dispose();

    private static Matrix<double> State(float[] states, int index, int batch) => Matrix<double>.Build.Dense(Hidden, batch, (unit, row) => states[(index * batch + row) * Hidden + unit]);

    private static Matrix<double> Matrix(Parameter parameter) =>
        Matrix<double>.Build.DenseOfRowMajor(parameter.Shape[0], parameter.Shape.Count == 1 ? 1 : parameter.Shape[1], Array.ConvertAll(parameter.Values.ToArray(), value => (double)value));
}
