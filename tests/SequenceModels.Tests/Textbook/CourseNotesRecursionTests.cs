using System.Globalization;
using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Tests.Golden;
using SequenceModels.Textbook;
using static SequenceModels.Tests.Textbook.CourseNotesData;

namespace SequenceModels.Tests.Textbook;

/// <summary>Holds what docs/equations.md says of the course notes' loop over time (question 3).</summary>
public sealed class CourseNotesRecursionTests
{
    public static TheoryData<string> GoldenSequences => GoldenFixtures.Keys("seed_equations", c => c.Has("config", "T"));

    private static GoldenCase OwnSequence => GoldenFixtures.Own("golden/seed_equations.json").Single(c => c.Has("config", "T"));

    [Theory, MemberData(nameof(GoldenSequences))]
    public void Carrying_both_gradients_is_right_and_dropping_either_is_off_by_the_golden_errors(string key)
    {
        var golden = GoldenFixtures.Case(key);
        AssertVariant(golden, Recursion.V1, "V1_correct");
        AssertVariant(golden, Recursion.V2, "V2_no_recursion");
        AssertVariant(golden, Recursion.V3, "V3_dc_only");
        AssertVariant(golden, Recursion.V4, "V4_da_only");
    }

    [Theory]
    [InlineData(false, false, 0.519, 0.521, 0.513, 0.719, 0.571, 0.431, 0.496, 0.666, 0.794, 0.267)]
    [InlineData(false, true, 0.489, 0.454, 0.491, 0.726, 0.529, 0.431, 0.594, 0.717, 0.621, 0.267)]
    [InlineData(true, false, 0.293, 0.268, 0.367, 0.573, 0.334, 0.141, 0.283, 0.811, 0.357, 0.122)]
    public void A_broken_loop_is_off_by_the_documented_errors(bool state, bool cell, double dx, double da0, double dWf, double dWu, double dWc, double dWo, double dbf, double dbu, double dbc, double dbo)
    {
        var (right, rightX) = Run(OwnSequence, Recursion.V1);
        var (broken, brokenX) = Run(OwnSequence, new Recursion(state, cell));

        AssertPrinted(dx, Joined(brokenX), Joined(rightX), "dx");
        foreach (var (name, printed) in new[] { ("da0", da0), ("dWf", dWf), ("dWu", dWu), ("dWc", dWc), ("dWo", dWo), ("dbf", dbf), ("dbu", dbu), ("dbc", dbc), ("dbo", dbo) })
            AssertPrinted(printed, broken[name], right[name], name);
    }

    [Fact]
    public void The_last_step_is_right_in_every_loop_and_errors_grow_backwards_from_it()
    {
        var (_, right) = Run(OwnSequence, Recursion.V1);
        var (_, broken) = Run(OwnSequence, Recursion.V2);

        AssertPrinted(0.411, broken[0], right[0], "dx at t = 0");
        AssertPrinted(0.779, broken[1], right[1], "dx at t = 1");
        AssertPrinted(0.416, broken[2], right[2], "dx at t = 2");
        Assert.All(new[] { Recursion.V2, Recursion.V3, Recursion.V4 }, recursion => AssertEqual(Run(OwnSequence, recursion).DX[^1], right[^1], "dx at the last step"));
    }

    [Fact]
    public void The_correct_loop_passes_a_gradient_check_and_the_broken_one_fails_it()
    {
        var golden = OwnSequence;
        var (x, a0, c0, da) = Data(golden);
        var parameters = golden.Tensors("params").AsTable();
        double Loss() => CourseNotesSequence.Forward(parameters, x, a0, c0).Zip(da, (cell, weight) => cell.A.PointwiseMultiply(weight).Enumerate().Sum()).Sum();
        var cells = CourseNotesSequence.Forward(parameters, x, a0, c0);
        var (right, _) = CourseNotesSequence.Backward(cells, da, Recursion.V1);
        var (broken, _) = CourseNotesSequence.Backward(cells, da, Recursion.V2);

        foreach (var (name, value) in parameters)
        {
            var want = CentralDifferences.Gradient(Loss, value);
            Assert.InRange(Matrices.RelativeError(right["d" + name], want), 0, CentralDifferences.Tolerance);
            Assert.InRange(Matrices.RelativeError(broken["d" + name], want), 0.2, 1);
        }
    }

    [Fact]
    public void The_table_of_the_later_edition_is_the_correct_loops_and_that_of_the_earlier_one_the_broken_loops()
    {
        var golden = OwnSequence;
        AssertPublished(golden.At("published", "later_notebook_correct"), Run(golden, Recursion.V1), except: []);
        AssertPublished(golden.At("published", "v3_notebook_wrong"), Run(golden, Recursion.V2), except: ["bu", "bc", "bo"]);
    }

    [Fact]
    public void Three_biases_of_the_earlier_table_are_the_broken_loops_with_a_slip_of_accumulation()
    {
        var golden = OwnSequence;
        var (x, a0, c0, da) = Data(golden);
        var cells = CourseNotesSequence.Forward(golden.Tensors("params").AsTable(), x, a0, c0);
        var none = cells[0].A.ZerosLike();
        var sums = "fuco".ToDictionary(gate => gate, _ => none.Column(0).ToColumnMatrix());
        for (int t = da.Length - 1; t >= 0; t--)
        {
            var step = cells[t].Corrected(da[t], none);
            sums['f'] += step["dbf"];
            foreach (char gate in "uco")
                sums[gate] = sums['f'] + step[$"db{gate}"]; // dbi = dbf + ..., where dbi += ... was meant
        }

        foreach (char gate in "uco")
            Assert.Equal(golden.At("published", "v3_notebook_wrong", $"b{gate}[4][0]").GetDouble(), sums[gate][4, 0], 5e-9);
    }

    private static void AssertVariant(GoldenCase golden, Recursion recursion, string name)
    {
        var (gradients, dx) = Run(golden, recursion);
        var variant = golden.At("variants", name);
        int steps = dx.Length;
        golden.Float64.AssertClose(GoldenTensor.Read(variant.GetProperty("dx_first_row")), [.. dx.Select(d => d[0, 0])], $"{golden}: {name}, first row of dx");
        golden.Float64.AssertClose(GoldenTensor.Read(variant.GetProperty("da0_first_row")), gradients["da0"].Row(0).ToArray(), $"{golden}: {name}, first row of da0");
        foreach (var error in variant.GetProperty("relative_error").EnumerateObject())
        {
            var (got, want) = error.Name == "x"
                ? (Joined(dx), Joined(Steps(golden.Tensor("grads", "x"))[..steps]))
                : (gradients["d" + error.Name], golden.Tensor("grads", error.Name).AsRows());
            Assert.Equal(error.Value.GetDouble(), Matrices.RelativeError(got, want), 1e-9);
        }
    }

    private static void AssertPublished(JsonElement table, (Dictionary<string, Matrix<double>> Gradients, Matrix<double>[] DX) got, string[] except)
    {
        foreach (var entry in table.EnumerateObject())
        {
            string[] parts = entry.Name.Split('[', ']');
            int Index(int part) => int.Parse(parts[part], CultureInfo.InvariantCulture);
            if (entry.Value.ValueKind == JsonValueKind.Array)
            {
                for (int t = 0; t < got.DX.Length; t++)
                    Assert.Equal(entry.Value[t].GetDouble(), got.DX[t][Index(1), Index(3)], 5.1e-9);
                continue;
            }

            double number = got.Gradients["d" + parts[0]][Index(1), Index(3)];
            if (except.Contains(parts[0]))
                Assert.True(Math.Abs(entry.Value.GetDouble() - number) > 0.01, $"{entry.Name} agrees after all.");
            else
                Assert.Equal(entry.Value.GetDouble(), number, 5.1e-9);
        }
    }

    private static (Dictionary<string, Matrix<double>> Gradients, Matrix<double>[] DX) Run(GoldenCase golden, Recursion recursion)
    {
        var (x, a0, c0, da) = Data(golden);
        return CourseNotesSequence.Backward(CourseNotesSequence.Forward(golden.Tensors("params").AsTable(), x, a0, c0), da, recursion);
    }

    private static (Matrix<double>[] X, Matrix<double> A0, Matrix<double> C0, Matrix<double>[] DA) Data(GoldenCase golden) =>
        (Steps(golden.Tensor("inputs", "x")), Input(golden, "a0"), Input(golden, "c0"), Steps(golden.Tensor("upstream", "a")));

    private static Matrix<double> Joined(IEnumerable<Matrix<double>> steps) => steps.Aggregate((left, right) => left.Append(right));
}
