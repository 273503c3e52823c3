using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>Whole sequences through the textbook cells: layers, directions, packed lengths, initial and final states, every gradient, in double precision.</summary>
public sealed class TextbookSequenceGoldenTests
{
    public static TheoryData<string> Lstm => GoldenFixtures.Keys("seq_lstm");

    public static TheoryData<string> Rnn => GoldenFixtures.Keys("seq_rnn");

    public static TheoryData<string> Gru => GoldenFixtures.Keys("seq_gru");

    public static TheoryData<string> Packed => GoldenFixtures.Keys("seq_packed");

    public static TheoryData<string> ResetBefore => GoldenFixtures.Keys("gru_reset_before", c => c.Has("config", "T"));

    [Theory, MemberData(nameof(Lstm)), MemberData(nameof(Rnn)), MemberData(nameof(Gru)), MemberData(nameof(Packed))]
    public void Outputs_states_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var tolerance = golden.Float64;
        int layers = golden.Setting("num_layers", 1);
        int directions = golden.Setting("bidirectional", absent: false) ? 2 : 1;
        var parameters = golden.Tensors("params").AsTable();
        TextbookCell[] cells = [.. Enumerable.Range(0, layers * directions).Select(index => Cell(golden, CellParameters.From(parameters, "", index / directions, index % directions == 1)))];

        var run = new TextbookLayers(cells, directions, golden.Tensor("inputs", "x").AsSteps(), States(golden, "inputs", "h0", "c0"), golden.Has("inputs", "lengths") ? golden.Integers("inputs", "lengths") : null);

        tolerance.AssertClose(golden.Tensor("outputs", "output"), run.Outputs.Flatten(), $"{golden}: output");
        AssertStates(golden, "outputs", "h_n", "c_n", run.Final);

        var (gradients, dx) = run.Backward(golden.Tensor("upstream", "output").AsSteps(), States(golden, "upstream", "h_n", "c_n"));

        tolerance.AssertClose(golden.Tensor("grads", "x"), dx.Flatten(), $"{golden}: dx");
        AssertStates(golden, "grads", "h0", "c0", [.. gradients.Select(g => g.Initial)]);
        var table = new Dictionary<string, Matrix<double>>();
        for (int index = 0; index < gradients.Count; index++)
            gradients[index].Parameters.PutInto(table, "", index / directions, index % directions == 1);
        Assert.All(parameters.Keys, name => tolerance.AssertClose(golden.Tensor("grads", name).AsRows(), table[name], $"{golden}: d {name}"));
    }

    [Theory, MemberData(nameof(ResetBefore))]
    public void A_sequence_of_the_reset_before_form_gives_the_golden_outputs_and_gradients(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var tolerance = golden.Float64;
        CellParameters Parameters(string section) => new(golden.Tensor(section, "weight_ih").AsRows(), golden.Tensor(section, "weight_hh").AsRows(), golden.Tensor(section, "bias_ih").AsRows(), golden.Tensor(section, "bias_hh").AsRows());
        var run = new TextbookSequence(new TextbookGruResetBefore(Parameters("params")), golden.Tensor("inputs", "x").AsSteps(), new CellState(golden.Tensor("inputs", "h0").AsColumns()));

        tolerance.AssertClose(golden.Tensor("outputs", "output"), run.Outputs.Flatten(), $"{golden}: output");
        tolerance.AssertClose(golden.Tensor("outputs", "h_n").AsColumns(), run.Final.H, $"{golden}: h_n");

        var gradients = run.Backward(golden.Tensor("upstream", "output").AsSteps(), new CellState(golden.Tensor("upstream", "h_n").AsColumns()));
        var want = Parameters("grads");
        tolerance.AssertClose(golden.Tensor("grads", "x"), gradients.X.Flatten(), $"{golden}: dx");
        tolerance.AssertClose(golden.Tensor("grads", "h0").AsColumns(), gradients.Initial.H, $"{golden}: dh0");
        tolerance.AssertClose(want.WeightIh, gradients.Parameters.WeightIh, $"{golden}: d weight_ih");
        tolerance.AssertClose(want.WeightHh, gradients.Parameters.WeightHh, $"{golden}: d weight_hh");
        tolerance.AssertClose(want.BiasIh, gradients.Parameters.BiasIh, $"{golden}: d bias_ih");
        tolerance.AssertClose(want.BiasHh, gradients.Parameters.BiasHh, $"{golden}: d bias_hh");
    }

    // The file of each cell says its kind; of the packed ones and of the others alike.
    private static TextbookCell Cell(GoldenCase golden, CellParameters parameters) => golden.Setting("kind") switch
    {
        "lstm" => new TextbookLstm(parameters),
        "gru" => new TextbookGru(parameters),
        "rnn" => new TextbookRnn(parameters, rectified: golden.Setting("nonlinearity") == "relu"),
        var kind => throw new InvalidDataException($"There is no textbook cell '{kind}'."),
    };

    private static CellState[] States(GoldenCase golden, string section, string h, string c)
    {
        var hidden = golden.Tensor(section, h).AsSteps();
        return golden.Has(section, c) ? [.. hidden.Zip(golden.Tensor(section, c).AsSteps(), (one, other) => new CellState(one, other))] : [.. hidden.Select(one => new CellState(one))];
    }

    private static void AssertStates(GoldenCase golden, string section, string h, string c, IReadOnlyList<CellState> got)
    {
        golden.Float64.AssertClose(golden.Tensor(section, h), got.Select(state => state.H).Flatten(), $"{golden}: {section}.{h}");
        if (golden.Has(section, c))
            golden.Float64.AssertClose(golden.Tensor(section, c), got.Select(state => state.C!).Flatten(), $"{golden}: {section}.{c}");
    }
}
