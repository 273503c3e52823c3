using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>How the loop over the time steps hands gradients from one step to the one before.</summary>
/// <param name="CarriesState">Whether da_prev of step t+1 is added to da of step t.</param>
/// <param name="CarriesCell">Whether dc_prev of step t+1 is handed to step t.</param>
internal readonly record struct Recursion(bool CarriesState, bool CarriesCell)
{
    public static readonly Recursion V1 = new(true, true);
    public static readonly Recursion V2 = new(false, false);
    public static readonly Recursion V3 = new(false, true);
    public static readonly Recursion V4 = new(true, false);
}

/// <summary>The course notes' lstm_backward: the correct cell in a loop that may forget part of the recursion.</summary>
internal static class CourseNotesSequence
{
    /// <summary>Runs the cell over all inputs.</summary>
    public static List<CourseNotesLstm> Forward(IReadOnlyDictionary<string, Matrix<double>> parameters, IReadOnlyList<Matrix<double>> x, Matrix<double> a0, Matrix<double> c0)
    {
        var cells = new List<CourseNotesLstm>();
        var (a, c) = (a0, c0);
        foreach (var input in x)
        {
            cells.Add(new CourseNotesLstm(parameters, input, a, c));
            (a, c) = (cells[^1].A, cells[^1].C);
        }

        return cells;
    }

    /// <summary>
    /// Backward over the first steps for which there is a gradient from above. Keys: dWf, ..., dbf, ..., da0, and dx of each step.
    /// </summary>
    /// <param name="cells">The steps.</param>
    /// <param name="da">Gradients from above.</param>
    /// <param name="recursion">What is carried.</param>
    /// <param name="asPrinted">Whether the cell's own formulas are the printed ones.</param>
    public static (Dictionary<string, Matrix<double>> Gradients, Matrix<double>[] DX) Backward(IReadOnlyList<CourseNotesLstm> cells, IReadOnlyList<Matrix<double>> da, Recursion recursion, bool asPrinted = false)
    {
        var gradients = cells[0].Parameters.Where(p => p.Key.Length == 2 && CourseNotesLstm.GateLetters.Contains(p.Key[1], StringComparison.Ordinal)).ToDictionary(p => "d" + p.Key, p => p.Value.ZerosLike());
        var dx = new Matrix<double>[da.Count];
        var none = cells[0].A.ZerosLike();
        var (daPrev, dcPrev) = (none, none);
        for (int t = da.Count - 1; t >= 0; t--)
        {
            var (daNext, dcNext) = (recursion.CarriesState ? da[t] + daPrev : da[t], recursion.CarriesCell ? dcPrev : none);
            var step = asPrinted ? cells[t].AsPrinted(daNext, dcNext, t > 0 ? cells[t - 1].Cc : none) : cells[t].Corrected(daNext, dcNext);
            foreach (string name in gradients.Keys)
                gradients[name] += step[name];
            dx[t] = step["dx"];
            (daPrev, dcPrev) = (step["da_prev"], step["dc_prev"]);
        }

        (gradients["da0"], gradients["dc0"]) = (daPrev, dcPrev);
        return (gradients, dx);
    }
}
