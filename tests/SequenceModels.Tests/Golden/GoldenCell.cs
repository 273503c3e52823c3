using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>
/// A golden case of one step of a cell, brought into one form: PyTorch's stacked parameters, examples as columns. Cases in the course
/// notes' layout (separate matrices that act on [a_prev; x], examples as columns) are converted, so that one test does for both.
/// </summary>
internal sealed class GoldenCell
{
    private readonly GoldenCase _golden;
    private readonly string _gates;

    /// <summary>Reads a case.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="gates">Letters of the gates in the order of the stacked rows; empty for a plain cell.</param>
    /// <param name="notesGates">Their letters in the course notes.</param>
    public GoldenCell(GoldenCase golden, string gates, string notesGates)
    {
        (_golden, _gates) = (golden, gates);
        if (golden.Setting("columns_are_examples", absent: false))
            (X, H, C, Parameters, DNext, Next, GateValues, PreActivations, DGates, DPreActivations, DParameters, DX, DPrevious) = FromNotes(notesGates);
        else
            (X, H, C, Parameters, DNext, Next, GateValues, PreActivations, DGates, DPreActivations, DParameters, DX, DPrevious) = FromPyTorch();
    }

    public Matrix<double> X { get; }
    public Matrix<double> H { get; }
    public Matrix<double>? C { get; }
    public CellParameters Parameters { get; }
    public CellState DNext { get; }
    public CellState Next { get; }
    public Matrix<double>? GateValues { get; }
    public Matrix<double>? PreActivations { get; }
    public Matrix<double>? DGates { get; }
    public Matrix<double>? DPreActivations { get; }
    public CellParameters DParameters { get; }
    public Matrix<double> DX { get; }
    public CellState DPrevious { get; }

    /// <summary>Holds a cell's step and its backward against the case, in double precision.</summary>
    public void AssertTextbook(TextbookCell cell)
    {
        var tolerance = _golden.Float64;
        var step = cell.Forward(X, new CellState(H, C));
        AssertState(tolerance, Next, step.State, "next");
        if (GateValues is not null)
            tolerance.AssertClose(GateValues, step.Gates, $"{_golden}: gates");
        if (PreActivations is not null)
            tolerance.AssertClose(PreActivations, step.PreActivations, $"{_golden}: pre-activations");
        double loss = Product(DNext.H, step.State.H) + (DNext.C is null ? 0 : Product(DNext.C, step.State.C!));
        tolerance.AssertClose(_golden.Loss, loss, $"{_golden}: loss");

        var gradients = step.Backward(DNext);
        if (DGates is not null)
            tolerance.AssertClose(DGates, gradients.Gates, $"{_golden}: d gates");
        if (DPreActivations is not null)
            tolerance.AssertClose(DPreActivations, gradients.PreActivations, $"{_golden}: d pre-activations");
        tolerance.AssertClose(DParameters.WeightIh, gradients.Parameters.WeightIh, $"{_golden}: d weight_ih");
        tolerance.AssertClose(DParameters.WeightHh, gradients.Parameters.WeightHh, $"{_golden}: d weight_hh");
        tolerance.AssertClose(DParameters.BiasIh, gradients.Parameters.BiasIh, $"{_golden}: d bias_ih");
        tolerance.AssertClose(DParameters.BiasHh, gradients.Parameters.BiasHh, $"{_golden}: d bias_hh");
        tolerance.AssertClose(DX, gradients.X, $"{_golden}: dx");
        AssertState(tolerance, DPrevious, gradients.Previous, "d previous");
    }

    private void AssertState(Tolerance tolerance, CellState want, CellState got, string what)
    {
        tolerance.AssertClose(want.H, got.H, $"{_golden}: {what} h");
        if (want.C is not null)
            tolerance.AssertClose(want.C, got.C!, $"{_golden}: {what} c");
    }

    private (Matrix<double> X, Matrix<double> H, Matrix<double>? C, CellParameters Parameters, CellState DNext, CellState Next, Matrix<double>? GateValues, Matrix<double>? PreActivations,
        Matrix<double>? DGates, Matrix<double>? DPreActivations, CellParameters DParameters, Matrix<double> DX, CellState DPrevious) FromPyTorch()
    {
        Matrix<double>? Columns(params ReadOnlySpan<string> path) => _golden.Has(path) ? _golden.Tensor(path).AsColumns() : null;
        Matrix<double>? Stacked(string section, string prefix)
        {
            string[] names = _gates.Length > 0 ? [.. _gates.Select(gate => prefix + gate)] : prefix.Length > 0 ? ["pre"] : [];
            return names.Length > 0 && _golden.Has(section) ? Elementwise.Stack([.. names.Select(name => _golden.Tensor(section, name).AsColumns())]) : null;
        }

        CellParameters Cell(string section) => new(
            _golden.Tensor(section, "weight_ih").AsRows(), _golden.Tensor(section, "weight_hh").AsRows(),
            _golden.Tensor(section, "bias_ih").AsRows(), _golden.Tensor(section, "bias_hh").AsRows());

        return (Columns("inputs", "x")!, Columns("inputs", "h")!, Columns("inputs", "c"), Cell("params"),
            new CellState(Columns("upstream", "h_next")!, Columns("upstream", "c_next")), new CellState(Columns("outputs", "h_next")!, Columns("outputs", "c_next")),
            Stacked("intermediate", ""), Stacked("intermediate", "pre_"), Stacked("intermediate_grads", ""), Stacked("intermediate_grads", "pre_"),
            Cell("grads"), Columns("grads", "x")!, new CellState(Columns("grads", "h")!, Columns("grads", "c")));
    }

    private (Matrix<double> X, Matrix<double> H, Matrix<double>? C, CellParameters Parameters, CellState DNext, CellState Next, Matrix<double>? GateValues, Matrix<double>? PreActivations,
        Matrix<double>? DGates, Matrix<double>? DPreActivations, CellParameters DParameters, Matrix<double> DX, CellState DPrevious) FromNotes(string notesGates)
    {
        bool isLstm = notesGates.Contains('f', StringComparison.Ordinal);
        bool isGru = notesGates.Contains('r', StringComparison.Ordinal);
        string previous = isGru ? "c_prev" : "a_prev";
        string next = isLstm ? "a_next" : isGru ? "c" : "a";
        CellParameters Cell(string section) => NotesLayout.Stack(_golden.Tensors(section).AsTable(), notesGates, areGradients: section == "grads");

        Matrix<double>? Pre(string section) => notesGates.Length > 0 && _golden.Has(section)
            ? Elementwise.Stack([.. notesGates.Select(gate => NotesLayout.Sign(notesGates, gate) * _golden.Tensor(section, $"pre_{gate}").AsRows())])
            : null;
        CellState State(string section, string h, string c) => new(_golden.Tensor(section, h).AsRows(), isLstm ? _golden.Tensor(section, c).AsRows() : null);

        // Not every file of this layout gives the pre-activations' values, only their gradients.
        var preActivations = _golden.Has("intermediate", $"pre_{notesGates.FirstOrDefault()}") ? Pre("intermediate") : null;
        return (_golden.Tensor("inputs", "x").AsRows(), _golden.Tensor("inputs", previous).AsRows(), isLstm ? _golden.Tensor("inputs", "c_prev").AsRows() : null, Cell("params"),
            State("upstream", next, "c_next"), State("outputs", next, "c_next"),
            null, preActivations, null, Pre("intermediate_grads"),
            Cell("grads"), _golden.Tensor("grads", "x").AsRows(), State("grads", previous, "c_prev"));
    }

    private static double Product(Matrix<double> a, Matrix<double> b) => a.Hadamard(b).Enumerate().Sum();
}
