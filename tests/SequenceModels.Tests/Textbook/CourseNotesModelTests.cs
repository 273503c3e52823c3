using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;
using SequenceModels.Textbook;
using static SequenceModels.Tests.Textbook.CourseNotesData;

namespace SequenceModels.Tests.Textbook;

/// <summary>Holds what docs/equations.md says of whole models by the course notes: an output layer over a plain cell, an LSTM, and the two forms of the GRU.</summary>
public sealed class CourseNotesModelTests
{
    [Fact]
    public void Printed_cell_formulas_spoil_a_whole_model_even_in_a_correct_loop()
    {
        var golden = Case("lstm_model");
        var parameters = golden.Tensors("params").AsTable();
        var cells = CourseNotesSequence.Forward(parameters, Steps(golden.Tensor("inputs", "x")), Input(golden, "a0"), Input(golden, "c0"));
        var da = OutputGradients(golden, "Wy", [.. cells.Select(cell => cell.A)]);
        var (right, rightX) = CourseNotesSequence.Backward(cells, da, Recursion.V1);
        var (wrong, wrongX) = CourseNotesSequence.Backward(cells, da, Recursion.V1, asPrinted: true);
        (right["dx"], wrong["dx"]) = (Joined(rightX), Joined(wrongX));
        double Loss() => ModelLoss(golden, parameters, CourseNotesSequence.Forward(parameters, Steps(golden.Tensor("inputs", "x")), Input(golden, "a0"), Input(golden, "c0")));

        Assert.All("fuco", gate => CentralDifferences.AssertGradient(Loss, parameters[$"W{gate}"], right[$"dW{gate}"], $"dW{gate}"));
        AssertRange(0.12, 2.84, right, wrong);
    }

    [Fact]
    public void A_plain_cell_needs_the_recursion_too()
    {
        var golden = Case("rnn_model");
        var parameters = golden.Tensors("params").AsTable();
        var cell = new TextbookRnn(NotesLayout.Stack(parameters, "", areGradients: false));
        var steps = RunSteps(cell, Steps(golden.Tensor("inputs", "x")), new CellState(Input(golden, "a0")));
        var da = OutputGradients(golden, "Wya", [.. steps.Select(step => step.State.H)]);
        Dictionary<string, Matrix<double>> Backward(bool carries)
        {
            var total = cell.Parameters.ZerosLike();
            var dx = new Matrix<double>[da.Length];
            var carried = da[0].ZerosLike();
            for (int t = da.Length - 1; t >= 0; t--)
            {
                var step = steps[t].Backward(new CellState(carries ? da[t] + carried : da[t]));
                total = CellParameters.Add(total, step.Parameters);
                (dx[t], carried) = (step.X, step.Previous.H);
            }

            return new() { ["dWaa"] = total.WeightHh, ["dWax"] = total.WeightIh, ["dba"] = total.BiasIh, ["dx"] = Joined(dx), ["da0"] = carried };
        }

        var (right, wrong) = (Backward(carries: true), Backward(carries: false));

        foreach (var (name, printed) in new[] { ("dWaa", 0.284), ("dWax", 0.422), ("dba", 0.440), ("dx", 0.534), ("da0", 0.285) })
            AssertPrinted(printed, wrong[name], right[name], name);
    }

    [Fact]
    public void Softmax_and_cross_entropy_together_give_the_simple_difference_that_the_jacobian_gives()
    {
        var logits = Matrix<double>.Build.Dense(6, 1, (k, _) => Math.Sin(3 * k + 1));
        const int label = 2;
        var p = TextbookSoftmaxCrossEntropy.LogSoftmax(logits).PointwiseExp();
        var jacobian = Matrix<double>.Build.DenseOfDiagonalVector(p.Column(0)) - p * p.Transpose();
        var dp = logits.ZerosLike();
        dp[label, 0] = -1 / p[label, 0];

        AssertEqual(new TextbookSoftmaxCrossEntropy().LossAndGradient(logits, [label]).DLogits, jacobian * dp, "p - y");
    }

    [Fact]
    public void Of_the_reset_before_form_the_usual_slips_are_off_by_the_documented_errors()
    {
        var golden = Case("gru_reset_before");
        var cell = new TextbookGruResetBefore(NotesLayout.Stack(golden.Tensors("params").AsTable(), "ruc", areGradients: false));
        var x = Steps(golden.Tensor("inputs", "x"));
        var steps = RunSteps(cell, x, new CellState(Input(golden, "c0")));
        var dc = Steps(golden.Tensor("upstream", "c"));
        int size = cell.Parameters.HiddenSize;
        Matrix<double> unreset = Matrix<double>.Build.Dense(size, size);
        Dictionary<string, Matrix<double>> Backward(bool forgetsReset)
        {
            var total = cell.Parameters.ZerosLike();
            var dx = new Matrix<double>[dc.Length];
            var carried = dc[0].ZerosLike();
            unreset = Matrix<double>.Build.Dense(size, size);
            for (int t = dc.Length - 1; t >= 0; t--)
            {
                var step = steps[t].Backward(new CellState(dc[t] + carried));
                var dPreN = step.PreActivations.Gate(2, size);
                unreset += dPreN * (t > 0 ? steps[t - 1].State.H : Input(golden, "c0")).Transpose();
                total = CellParameters.Add(total, step.Parameters);
                (dx[t], carried) = (step.X, step.Previous.H);
                if (forgetsReset)
                    carried += (cell.Parameters.WeightHh.Gate(2, size).Transpose() * dPreN).Hadamard(1 - steps[t].Gates.Gate(0, size));
            }

            var table = NotesLayout.Unstack(total, "ruc");
            (table["x"], table["c0"]) = (Joined(dx), carried);
            return table;
        }

        var right = Backward(forgetsReset: false);
        var fromUnreset = unreset.Append(right["Wc"].SubMatrix(0, size, size, right["Wc"].ColumnCount - size));

        AssertPrinted(0.275, fromUnreset, right["Wc"], "dW_c from [c_prev; x]");
        AssertRange(0.14, 0.48, right, Backward(forgetsReset: true));
    }

    [Fact]
    public void Of_the_reset_after_form_a_missing_reset_gate_is_off_by_the_documented_errors()
    {
        var golden = Case("gru_reset_after");
        var cell = new TextbookGru(ResetAfterParameters(golden));
        var steps = RunSteps(cell, Steps(golden.Tensor("inputs", "x")), new CellState(Input(golden, "h0")));
        var dh = Steps(golden.Tensor("upstream", "c"));
        int size = cell.Parameters.HiddenSize;
        Dictionary<string, Matrix<double>> Backward(bool forgetsReset)
        {
            var table = new Dictionary<string, Matrix<double>>();
            void Add(string name, Matrix<double> value) => table[name] = table.TryGetValue(name, out var sum) ? sum + value : value;
            var dx = new Matrix<double>[dh.Length];
            var carried = dh[0].ZerosLike();
            for (int t = dh.Length - 1; t >= 0; t--)
            {
                var step = steps[t].Backward(new CellState(dh[t] + carried));
                var before = t > 0 ? steps[t - 1].State.H : Input(golden, "h0");
                var dPreN = step.PreActivations.Gate(2, size);
                (dx[t], carried) = (step.X, step.Previous.H);
                foreach (var (index, gate) in "rzn".Index())
                {
                    bool slips = forgetsReset && gate == 'n';
                    Add($"Wi{gate}", step.Parameters.WeightIh.Gate(index, size));
                    Add($"bi{gate}", step.Parameters.BiasIh.Gate(index, size));
                    Add($"Wh{gate}", slips ? dPreN * before.Transpose() : step.Parameters.WeightHh.Gate(index, size));
                    Add($"bh{gate}", slips ? dPreN.SumOfColumns() : step.Parameters.BiasHh.Gate(index, size));
                }

                if (forgetsReset)
                    carried += cell.Parameters.WeightHh.Gate(2, size).Transpose() * dPreN.Hadamard(1 - steps[t].Gates.Gate(0, size));
            }

            (table["x"], table["h0"]) = (Joined(dx), carried);
            return table;
        }

        AssertRange(0.25, 1.88, Backward(forgetsReset: false), Backward(forgetsReset: true));
    }

    [Fact]
    public void The_two_forms_of_the_GRU_are_different_functions()
    {
        var golden = Case("gru_reset_after");
        var parameters = ResetAfterParameters(golden);
        var (x, h) = (Input(golden, "x_once"), new CellState(Input(golden, "h_once")));

        AssertPrinted(0.097, new TextbookGruResetBefore(parameters).Forward(x, h).State.H, new TextbookGru(parameters).Forward(x, h).State.H, "output");
    }

    private static CellParameters ResetAfterParameters(GoldenCase golden)
    {
        Matrix<double> Stack(string kind) => Elementwise.Stack([.. "rzn".Select(gate => golden.Tensor("params", $"{kind}{gate}").AsRows())]);
        return new(Stack("Wi"), Stack("Wh"), Stack("bi"), Stack("bh"));
    }

    private static List<TextbookStep> RunSteps(TextbookCell cell, IEnumerable<Matrix<double>> x, CellState state)
    {
        var steps = new List<TextbookStep>();
        foreach (var input in x)
        {
            steps.Add(cell.Forward(input, state));
            state = steps[^1].State;
        }

        return steps;
    }

    // The sum of cross-entropies over all steps: W_yaᵀ (ŷ - y) of each.
    private static Matrix<double>[] OutputGradients(GoldenCase golden, string weight, Matrix<double>[] states)
    {
        var (w, loss) = (golden.Tensor("params", weight).AsRows(), new TextbookSoftmaxCrossEntropy { Sum = true });
        return [.. states.Select((a, t) => w.Transpose() * loss.LossAndGradient((w * a).PlusColumn(golden.Tensor("params", "by").AsRows()), Labels(golden, t)).DLogits)];
    }

    private static double ModelLoss(GoldenCase golden, Dictionary<string, Matrix<double>> parameters, List<CourseNotesLstm> cells)
    {
        var loss = new TextbookSoftmaxCrossEntropy { Sum = true };
        return cells.Select((cell, t) => loss.LossAndGradient((parameters["Wy"] * cell.A).PlusColumn(parameters["by"]), Labels(golden, t)).Loss).Sum();
    }

    private static int[] Labels(GoldenCase golden, int time)
    {
        int steps = golden.Tensor("inputs", "y").Shape[1]; // [B,T]
        return [.. golden.Integers("inputs", "y").Where((_, index) => index % steps == time)];
    }

    // The smallest and the largest relative error among all arrays.
    private static void AssertRange(double smallest, double largest, Dictionary<string, Matrix<double>> right, Dictionary<string, Matrix<double>> wrong)
    {
        double[] errors = [.. right.Select(p => Matrices.RelativeError(wrong[p.Key], p.Value)).Where(error => error > 1e-12).Order()];
        Assert.Equal(smallest, errors[0], 0.0051);
        Assert.Equal(largest, errors[^1], 0.0051);
    }

    private static Matrix<double> Joined(IEnumerable<Matrix<double>> steps) => steps.Aggregate((left, right) => left.Append(right));
}
