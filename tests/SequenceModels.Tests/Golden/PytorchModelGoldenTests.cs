using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Serialization;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>Weights that PyTorch named, read from safetensors files and run: the same outputs come out.</summary>
public sealed unsafe class PytorchModelGoldenTests
{
    public static TheoryData<string> Lstms => GoldenFixtures.Keys("pytorch_safetensors", c => c.Has("inputs", "c0"));

    public static TheoryData<string> Others => GoldenFixtures.Keys("pytorch_safetensors", c => c.Has("inputs", "x") && !c.Has("inputs", "c0"));

    public static TheoryData<string> LanguageModels => GoldenFixtures.Keys("pytorch_safetensors", c => c.Has("inputs", "tokens"));

    [Theory, MemberData(nameof(Lstms))]
    public void Lstm_layers_give_the_golden_outputs_and_states(string key)
    {
        var golden = GoldenFixtures.Case(key);
        using var weights = Read(golden);
        int[] size = golden.Tensor("inputs", "x").Shape;
        using var lstm = new FloatRecurrentLayers(
            CellKind.Lstm, new SequenceShape(size[0], size[1]), size[2], golden.Setting("hidden_size", 0), golden.Setting("num_layers", 1), golden.Setting("bidirectional", absent: false), name => weights[name].Values.ToArray());
        using var x = FloatRecurrentLayers.Copy(golden.Tensor("inputs", "x").Floats);
        float[] h0 = golden.Tensor("inputs", "h0").Floats, c0 = golden.Tensor("inputs", "c0").Floats;

        var (h, c) = lstm.Forward(x, h0, c0);
        golden.Float32.AssertClose(golden.Tensor("outputs", "output"), lstm.Output, $"{golden}: output");
        golden.Float32.AssertClose(golden.Tensor("outputs", "h_n"), h, $"{golden}: h_n");
        golden.Float32.AssertClose(golden.Tensor("outputs", "c_n"), c, $"{golden}: c_n");

        lstm.Forward(x, new float[h0.Length], new float[c0.Length]);
        golden.Float32.AssertClose(golden.Tensor("outputs", "output_zero_state"), lstm.Output, $"{golden}: output from a zero state");
    }

    [Theory, MemberData(nameof(Others))]
    public void Plain_cells_and_GRUs_give_the_golden_outputs_by_the_textbook(string key)
    {
        var golden = GoldenFixtures.Case(key);
        using var weights = Read(golden);
        var table = weights.Parameters.ToDictionary(p => p.Name, p => Wide(p).AsRows());
        int layers = golden.Setting("num_layers", 1), directions = golden.Setting("bidirectional", absent: false) ? 2 : 1, hidden = golden.Setting("hidden_size", 0);
        TextbookCell[] cells = [.. Enumerable.Range(0, layers * directions).Select(index => Cell(CellParameters.From(table, "", index / directions, index % directions == 1)))];
        var x = golden.Tensor("inputs", "x").AsSteps();

        var run = new TextbookLayers(cells, directions, x, [.. cells.Select(cell => cell.ZeroState(x[0].ColumnCount))]);

        golden.Float64.AssertClose(golden.Tensor("outputs", "output"), run.Outputs.Flatten(), $"{golden}: output");
        golden.Float64.AssertClose(golden.Tensor("outputs", "h_n"), run.Final.Select(state => state.H).Flatten(), $"{golden}: h_n");

        TextbookCell Cell(CellParameters parameters) => (parameters.WeightHh.RowCount / hidden) switch
        {
            1 => new TextbookRnn(parameters),
            3 => new TextbookGru(parameters),
            var gates => throw new InvalidDataException($"{golden}: a cell of {gates} gates."),
        };
    }

    [Theory, MemberData(nameof(LanguageModels))]
    public void A_language_model_gives_the_golden_logits(string key)
    {
        var golden = GoldenFixtures.Case(key);
        using var weights = Read(golden);
        using var model = new FloatTokenModel([.. weights.Parameters.Select(p => KeyValuePair.Create(p.Name, Wide(p)))], useTable: true);
        int[] size = golden.Tensor("inputs", "tokens").Shape, tokens = golden.Integers("inputs", "tokens");
        int rows = size[0] * size[1], features = model.Encoder.OutputSize;
        var outputs = Matrix<double>.Build.Dense(features, rows);
        model.Begin();
        fixed (int* at = tokens)
        {
            float* values = model.Encoder.Forward(new SequenceShape(size[0], size[1]), at, null, null, default, training: false);
            outputs.MapIndexedInplace((feature, row, _) => values[row * features + feature], Zeros.Include);
        }

        var logits = (Wide(weights["fc.weight"]).AsRows() * outputs).PlusColumn(Wide(weights["fc.bias"]).AsRows());
        golden.Float32.AssertClose(golden.Tensor("outputs", "logits"), logits.ToColumnMajorArray(), $"{golden}: logits");
    }

    private static GoldenTensor Wide(Parameter parameter) => new(Array.ConvertAll(parameter.Values.ToArray(), value => (double)value), [.. parameter.Shape]);

    private static ParameterSet Read(GoldenCase golden)
    {
        var parameters = new ParameterSet(golden.At("tensors").EnumerateObject().Select(tensor => (tensor.Name, tensor.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()).ToArray())));
        using var source = File.OpenRead(Path.Combine(golden.Folder, golden.Setting("file")!));
        SafetensorsReader.ReadInto(parameters, source);
        return parameters;
    }
}
