using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>LSTM layers with each sort of dropout and with zoneout, masks given, in double precision. What a case drops is told by the masks that it holds.</summary>
public sealed class TextbookDropoutGoldenTests
{
    private static readonly string[] s_masks = ["mask_in", "mask_mid", "mask_out", "mask_hh", "mask_h", "mask_rows", "keep_h"];

    public static TheoryData<string> All => GoldenFixtures.Keys("dropout_variants");

    [Theory, MemberData(nameof(All))]
    public void Outputs_states_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var tolerance = golden.Float64;
        Assert.Contains(s_masks, mask => golden.Has("inputs", mask));
        var parameters = golden.Tensors("params").AsTable();
        int layers = parameters.Keys.Count(name => name.StartsWith("weight_ih_l", StringComparison.Ordinal));
        IReadOnlyList<Matrix<double>> x = Inputs(golden, parameters);
        var runs = new TextbookSequence[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            x = Masked(golden, layer == 0 ? "mask_in" : "mask_mid", x);
            var cell = Cell(golden, CellParameters.From(parameters, "", layer, reverse: false));
            var initial = golden.Has("inputs", "h0") ? new CellState(golden.Tensor("inputs", "h0").AsColumns(), golden.Tensor("inputs", "c0").AsColumns()) : cell.ZeroState(x[0].ColumnCount);
            runs[layer] = new TextbookSequence(cell, x, initial, kept: Kept(golden));
            x = runs[layer].Outputs;
        }

        string last = golden.Has("outputs", "h_n") || layers == 1 ? "" : $"_l{layers - 1}";
        tolerance.AssertClose(golden.Tensor("outputs", "output"), Masked(golden, "mask_out", x).Flatten(), $"{golden}: output");
        if (golden.Has("outputs", $"h_n{last}"))
            tolerance.AssertClose(golden.Tensor("outputs", $"h_n{last}").AsColumns(), runs[^1].Final.H, $"{golden}: h_n");
        if (golden.Has("outputs", $"c_n{last}"))
            tolerance.AssertClose(golden.Tensor("outputs", $"c_n{last}").AsColumns(), runs[^1].Final.C!, $"{golden}: c_n");

        var dState = runs[^1].Final.ZerosLike();
        if (golden.Has("upstream", $"h_n{last}"))
            dState = dState with { H = golden.Tensor("upstream", $"h_n{last}").AsColumns() };
        if (golden.Has("upstream", $"c_n{last}"))
            dState = dState with { C = golden.Tensor("upstream", $"c_n{last}").AsColumns() };
        var dx = Masked(golden, "mask_out", golden.Tensor("upstream", "output").AsSteps());
        var got = new Dictionary<string, Matrix<double>>();
        for (int layer = layers - 1; layer >= 0; layer--)
        {
            var gradients = runs[layer].Backward(dx, dState);
            Dropped(golden, gradients.Parameters).PutInto(got, "", layer, reverse: false);
            dx = Masked(golden, layer == 0 ? "mask_in" : "mask_mid", gradients.X);
            (got["h0"], got["c0"]) = (gradients.Initial.H, gradients.Initial.C!);
            dState = dState.ZerosLike();
        }

        foreach (var (name, want) in golden.Tensors("grads"))
        {
            if (name == "x")
                tolerance.AssertClose(want, dx.Flatten(), $"{golden}: dx");
            else if (name == "embedding")
                tolerance.AssertClose(want.AsRows(), OfEmbedding(golden, dx, want.Shape), $"{golden}: d embedding");
            else
                tolerance.AssertClose(name is "h0" or "c0" ? want.AsColumns() : want.AsRows(), got[name], $"{golden}: d {name}");
        }
    }

    private static Matrix<double>[] Inputs(GoldenCase golden, Dictionary<string, Matrix<double>> parameters)
    {
        if (!golden.Has("inputs", "tokens"))
            return golden.Tensor("inputs", "x").AsSteps();
        var rows = TextbookDropout.EmbeddingRows(parameters["embedding"], Mask(golden, golden.Tensor("inputs", "mask_rows").AsRows()));
        return [.. LanguageModelCase.Tokens(golden, "tokens").Select(step => Matrix<double>.Build.DenseOfColumnVectors(step.Select(token => rows.Row(token))))];
    }

    private static Matrix<double> OfEmbedding(GoldenCase golden, IReadOnlyList<Matrix<double>> dx, int[] shape)
    {
        var gradient = Matrix<double>.Build.Dense(shape[0], shape[1]);
        foreach (var (t, step) in LanguageModelCase.Tokens(golden, "tokens").Index())
        {
            foreach (var (b, token) in step.Index())
                gradient.SetRow(token, gradient.Row(token) + dx[t].Column(b));
        }

        return TextbookDropout.EmbeddingRows(gradient, Mask(golden, golden.Tensor("inputs", "mask_rows").AsRows()));
    }

    // A mask for one time step is for all of them.
    private static IReadOnlyList<Matrix<double>> Masked(GoldenCase golden, string name, IReadOnlyList<Matrix<double>> steps)
    {
        if (!golden.Has("inputs", name))
            return steps;
        Matrix<double>[] masks = [.. golden.Tensor("inputs", name).AsSteps().Select(kept => Mask(golden, kept))];
        return masks.Length == 1 ? TextbookDropout.Locked(steps, masks[0]) : TextbookDropout.EachStep(steps, masks);
    }

    private static TextbookCell Cell(GoldenCase golden, CellParameters parameters)
    {
        var cell = new TextbookLstm(Dropped(golden, parameters));
        return golden.Has("inputs", "mask_h") ? new TextbookVariationalDropout(cell, Mask(golden, golden.Tensor("inputs", "mask_h").AsColumns())) : cell;
    }

    private static CellParameters Dropped(GoldenCase golden, CellParameters parameters) =>
        golden.Has("inputs", "mask_hh") ? TextbookDropout.RecurrentWeights(parameters, Mask(golden, golden.Tensor("inputs", "mask_hh").AsRows())) : parameters;

    private static CellState[]? Kept(GoldenCase golden) => golden.Has("inputs", "keep_h")
        ? [.. golden.Tensor("inputs", "keep_h").AsSteps().Zip(golden.Tensor("inputs", "keep_c").AsSteps(), (h, c) => new CellState(h, c))]
        : null;

    private static Matrix<double> Mask(GoldenCase golden, Matrix<double> kept) => TextbookDropout.Mask(kept, golden.Setting("p", double.NaN));
}
