using System.Globalization;
using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;
using SequenceModels.Textbook;
using static SequenceModels.Tests.Textbook.CourseNotesData;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Tests.Textbook;

/// <summary>Holds what docs/equations.md says of the course notes' formulas for one LSTM cell: the printed ones fail, the corrected ones pass.</summary>
public sealed class CourseNotesCellTests
{
    private static readonly string[] s_right = ["dgo", "dWo", "dbo", "dc_prev"];

    public static TheoryData<string> GoldenCells => GoldenFixtures.Keys("seed_equations", c => !c.Has("config", "T"));

    [Fact]
    public void Corrected_formulas_pass_a_gradient_check_and_printed_ones_fail_it()
    {
        var (cell, da, dc) = Cell(Case("cell"));
        double Loss()
        {
            var again = new CourseNotesLstm(cell.Parameters, cell.X, cell.APrev, cell.CPrev);
            return da.Hadamard(again.A).Enumerate().Sum() + dc.Hadamard(again.C).Enumerate().Sum();
        }

        var want = cell.Parameters.ToDictionary(p => "d" + p.Key, p => CentralDifferences.Gradient(Loss, p.Value));
        want["da_prev"] = CentralDifferences.Gradient(() => LossWith(cell, cell.X, cell.APrev, cell.CPrev, da, dc), cell.APrev);
        want["dc_prev"] = CentralDifferences.Gradient(() => LossWith(cell, cell.X, cell.APrev, cell.CPrev, da, dc), cell.CPrev);
        want["dx"] = CentralDifferences.Gradient(() => LossWith(cell, cell.X, cell.APrev, cell.CPrev, da, dc), cell.X);
        var corrected = cell.Corrected(da, dc);
        var printed = cell.AsPrinted(da, dc);

        Assert.All(want, w => Assert.InRange(Matrices.RelativeError(corrected[w.Key], w.Value), 0, CentralDifferences.Tolerance));
        foreach (var (name, gradient) in want)
        {
            double error = Matrices.RelativeError(printed[name], gradient);
            if (s_right.Contains(name))
                Assert.InRange(error, 0, CentralDifferences.Tolerance);
            else
                Assert.True(error > 0.1, $"{name} as printed is off by {error} only.");
        }
    }

    [Theory]
    [InlineData("dgc", 1.501)]
    [InlineData("dgu", 5.835)]
    [InlineData("dgf", 7.298)]
    [InlineData("dWf", 8.401)]
    [InlineData("dWu", 6.599)]
    [InlineData("dWc", 2.116)]
    [InlineData("dbf", 6.806)]
    [InlineData("dbu", 7.212)]
    [InlineData("dbc", 1.733)]
    [InlineData("da_prev", 2.463)]
    [InlineData("dx", 2.653)]
    public void Printed_formulas_are_off_by_the_documented_errors(string name, double printed)
    {
        var golden = Case("cell");
        var (cell, da, dc) = Cell(golden);

        AssertPrinted(printed, cell.AsPrinted(da, dc, Input(golden, "cc_prev"))[name], cell.Reference(da, dc)[name], name);
    }

    [Fact]
    public void Formula_7_and_formula_16_are_right_as_printed()
    {
        var golden = Case("cell");
        var (cell, da, dc) = Cell(golden);
        var printed = cell.AsPrinted(da, dc, Input(golden, "cc_prev"));

        Assert.All(s_right, name => AssertEqual(printed[name], cell.Reference(da, dc)[name], name));
    }

    [Fact]
    public void Corrected_formulas_agree_with_the_textbook_in_every_quantity()
    {
        var (cell, da, dc) = Cell(Case("cell"));

        Assert.All(cell.Reference(da, dc), want => AssertEqual(cell.Corrected(da, dc)[want.Key], want.Value, want.Key));
    }

    [Fact]
    public void Of_formula_8_only_all_three_repairs_together_are_right()
    {
        var (cell, da, dc) = Cell(Case("cell"));
        var want = cell.Reference(da, dc)["dgc"];
        var (first, second) = (dc.Hadamard(cell.Gu), cell.Slope.Hadamard(cell.Gu).Hadamard(da));
        var spurious = second.Hadamard(cell.Cc);
        var (tanhOfSquare, doubleTanh, slope) = (1 - Tanh(cell.Cc.Hadamard(cell.Cc)), TanhSlope(Tanh(cell.Cc)), TanhSlope(cell.Cc));

        AssertPrinted(1.501, first + spurious.Hadamard(tanhOfSquare), want, "as printed");
        AssertPrinted(1.548, first + spurious.Hadamard(doubleTanh), want, "with the square outside");
        AssertPrinted(0.855, (first + spurious).Hadamard(tanhOfSquare), want, "parentheses only");
        AssertPrinted(1.091, first + second.Hadamard(tanhOfSquare), want, "factor dropped only");
        AssertPrinted(1.467, first + spurious.Hadamard(slope), want, "slope only");
        AssertPrinted(0.774, (first + spurious).Hadamard(slope), want, "factor kept");
        AssertPrinted(1.126, first + second.Hadamard(slope), want, "no parentheses");
        AssertPrinted(0.184, (first + second).Hadamard(tanhOfSquare), want, "tanh(c̃²) kept");
        AssertPrinted(0.363, (first + second).Hadamard(doubleTanh), want, "double tanh");
        AssertEqual((first + second).Hadamard(slope), want, "all three");
    }

    [Fact]
    public void Of_formulas_9_and_10_only_the_full_repairs_are_right()
    {
        var golden = Case("cell");
        var (cell, da, dc) = Cell(golden);
        var want = cell.Reference(da, dc);
        var candidateBefore = Input(golden, "cc_prev");
        var dcRoute = cell.Slope.Hadamard(da);
        var (slopeU, slopeF) = (SigmoidSlope(cell.Gu), SigmoidSlope(cell.Gf));

        AssertPrinted(5.835, dc.Hadamard(cell.Cc) + dcRoute.Hadamard(cell.Cc).Hadamard(slopeU), want["dgu"], "(9) as printed");
        AssertEqual((dc + dcRoute).Hadamard(cell.Cc).Hadamard(slopeU), want["dgu"], "(9) with parentheses");
        AssertPrinted(7.298, dc.Hadamard(candidateBefore) + dcRoute.Hadamard(cell.CPrev).Hadamard(slopeF), want["dgf"], "(10) as printed");
        AssertPrinted(4.340, dc.Hadamard(cell.CPrev) + dcRoute.Hadamard(cell.CPrev).Hadamard(slopeF), want["dgf"], "(10) with c_prev only");
        AssertPrinted(1.055, (dc.Hadamard(candidateBefore) + dcRoute.Hadamard(cell.CPrev)).Hadamard(slopeF), want["dgf"], "(10) with parentheses only");
        AssertEqual((dc + dcRoute).Hadamard(cell.CPrev).Hadamard(slopeF), want["dgf"], "(10) with both");
    }

    [Fact]
    public void A_test_without_a_gradient_from_the_next_step_misses_the_faults_of_9_and_10()
    {
        var golden = Case("cell");
        var (cell, da, dc) = Cell(golden);
        var none = dc.ZerosLike();
        var printed = cell.AsPrinted(da, none, Input(golden, "cc_prev"));
        var want = cell.Reference(da, none);

        AssertEqual(printed["dgu"], want["dgu"], "(9) at the last step");
        AssertEqual(printed["dgf"], want["dgf"], "(10) at the last step");
        AssertPrinted(1.285, printed["dgc"], want["dgc"], "(8) at the last step");
    }

    [Fact]
    public void Question_1_the_undefined_gate_is_the_update_gate()
    {
        var (cell, da, dc) = Cell(Case("cell"));
        var want = cell.Reference(da, dc)["dgc"];
        Matrix<double> With(Matrix<double> gate) => (dc.Hadamard(cell.Gu) + cell.Slope.Hadamard(gate).Hadamard(da)).Hadamard(TanhSlope(cell.Cc));

        AssertEqual(With(cell.Gu), want, "i_t = Γ_u");
        AssertPrinted(0.282, With(cell.Gf), want, "i_t = Γ_f");
        AssertPrinted(0.231, With(cell.Go), want, "i_t = Γ_o");
        AssertPrinted(0.839, With(cell.Cc), want, "i_t = c̃");
        AssertPrinted(0.351, With(cell.Gu.Map(_ => 1.0, Zeros.Include)), want, "i_t = 1");
    }

    [Fact]
    public void Question_2_the_gradient_is_the_sum_over_both_routes_of_the_cell_state()
    {
        var (cell, da, dc) = Cell(Case("cell"));
        var none = dc.ZerosLike();
        Matrix<double> First(Matrix<double> dcNext) => dcNext.Hadamard(cell.Gu).Hadamard(TanhSlope(cell.Cc));
        Matrix<double> Second(Matrix<double> daNext) => cell.Slope.Hadamard(cell.Gu).Hadamard(daNext).Hadamard(TanhSlope(cell.Cc));

        AssertPrinted(0.623, First(dc), cell.Reference(da, dc)["dgc"], "first part only");
        AssertEqual(First(dc) + Second(da), cell.Reference(da, dc)["dgc"], "both parts");
        Assert.Equal(0, First(none).FrobeniusNorm());
        Assert.True(cell.Reference(da, none)["dgc"].FrobeniusNorm() > 0.1, "At the last step the output alone gives a gradient.");
        AssertEqual(First(dc), cell.Reference(none, dc)["dgc"], "first part only, nothing from above");
    }

    [Fact]
    public void The_printed_slice_of_the_weights_is_no_slice()
    {
        var (cell, da, dc) = Cell(Case("cell"));
        var (states, inputs) = (cell.A.RowCount, cell.X.RowCount);
        var right = cell.Corrected(da, dc);
        Matrix<double> Sum(Func<Matrix<double>, Matrix<double>> slice) => "fuco".Select(gate => slice(cell.Parameters[$"W{gate}"]).Transpose() * right[$"dg{gate}"]).Aggregate((a, b) => a + b);

        Assert.Equal(states + inputs, Sum(w => w.SubMatrix(0, states, 0, w.ColumnCount)).RowCount); // W[:n_a, :] are all rows
        AssertEqual(Sum(w => w.SubMatrix(0, states, 0, states)), cell.Reference(da, dc)["da_prev"], "first n_a columns");
        AssertEqual(Sum(w => w.SubMatrix(0, states, states, inputs)), cell.Reference(da, dc)["dx"], "last n_x columns");
    }

    [Fact]
    public void With_as_many_inputs_as_states_a_wrong_slice_is_silently_wrong()
    {
        var (cell, da, dc) = Cell(Case("cell_with_as_many_inputs_as_states"));
        var reference = cell.Reference(da, dc);

        AssertPrinted(1.168, reference["dx"], reference["da_prev"], "da_prev by the columns of dx");
    }

    [Theory, MemberData(nameof(GoldenCells))]
    public void Printed_formulas_give_the_golden_wrong_numbers(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var (cell, da, dc) = Cell(golden);
        var (printed, want) = (cell.AsPrinted(da, dc), cell.Reference(da, dc));
        foreach (char gate in CourseNotesLstm.GateLetters)
            golden.Float64.AssertClose(golden.Tensor("seed_literal", $"pre_{gate}").AsRows(), printed[$"dg{gate}"], $"{golden}: dg{gate} as printed");

        foreach (var error in golden.At("seed_literal", "relative_error").EnumerateObject())
            Assert.Equal(error.Value.GetDouble(), Matrices.RelativeError(printed[error.Name], want[error.Name]), 1e-9);
    }

    [Fact]
    public void Corrected_formulas_give_the_numbers_that_the_course_published_and_printed_ones_only_those_of_7_and_16()
    {
        var golden = GoldenFixtures.Own("golden/seed_equations.json").Single(c => !c.Has("config", "T"));
        var (cell, da, dc) = Cell(golden);
        var (corrected, printed) = (cell.Corrected(da, dc), cell.AsPrinted(da, dc));
        var numbers = golden.At("published").EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number).ToArray();
        Assert.Equal(11, numbers.Length);
        foreach (var number in numbers)
        {
            string[] parts = number.Name.Split('[', ']');
            var (name, row, column) = ("d" + parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture));
            Assert.Equal(number.Value.GetDouble(), corrected[name][row, column], 1e-8); // printed to 8 digits at least
            Assert.Equal(name is "dWo" or "dbo" or "dc_prev", Math.Abs(number.Value.GetDouble() - printed[name][row, column]) <= 1e-8);
        }
    }

    private static double LossWith(CourseNotesLstm cell, Matrix<double> x, Matrix<double> aPrev, Matrix<double> cPrev, Matrix<double> da, Matrix<double> dc)
    {
        var again = new CourseNotesLstm(cell.Parameters, x, aPrev, cPrev);
        return da.Hadamard(again.A).Enumerate().Sum() + dc.Hadamard(again.C).Enumerate().Sum();
    }
}
