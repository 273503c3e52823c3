using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>One cell run over a batch of sequences in one direction, and its backpropagation through time: section 7 of docs/equations.md.</summary>
internal sealed class TextbookSequence
{
    private readonly TextbookCell _cell;
    private readonly IReadOnlyList<Matrix<double>> _x;
    private readonly IReadOnlyList<int> _lengths;
    private readonly TextbookStep[] _steps;
    private readonly CellState _initial;
    private readonly bool _reverse;
    private readonly IReadOnlyList<CellState>? _kept;

    /// <summary>Runs the cell forward.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="x">Inputs [I,B], one a time step; at least one.</param>
    /// <param name="initial">State before the first step read.</param>
    /// <param name="lengths">Valid steps of each example, 0..T; <c>null</c>: all T. What lies behind them is never read.</param>
    /// <param name="reverse">Whether each example is read from its last valid step to its first.</param>
    /// <param name="kept">Zoneout: the part of the old state that each step keeps, one a time step and of the state's shape; <c>null</c>: nothing.</param>
    public TextbookSequence(
        TextbookCell cell, IReadOnlyList<Matrix<double>> x, CellState initial, IReadOnlyList<int>? lengths = null, bool reverse = false, IReadOnlyList<CellState>? kept = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(initial);
        (_cell, _x, _initial, _reverse, _kept) = (cell, x, initial, reverse, kept);
        _lengths = lengths ?? [.. Enumerable.Repeat(x.Count, x[0].ColumnCount)];
        _steps = new TextbookStep[x.Count];

        var outputs = new Matrix<double>[x.Count];
        var state = initial;
        foreach (int t in reverse ? Enumerable.Range(0, x.Count).Reverse() : Enumerable.Range(0, x.Count)) // (7.6) the reverse direction reads t = T..1
        {
            _steps[t] = cell.Forward(x[t], state);                      // (7.1)
            var next = kept is null ? _steps[t].State : _steps[t].State.Blend(kept[t], state); // (16.4)
            state = next.Where(b => IsValid(t, b), state);              // (7.4) padding leaves the state as it is
            outputs[t] = state.H.WhereColumn(b => IsValid(t, b), state.H.ZerosLike()); // (7.4) and its output is zero
        }

        Outputs = outputs;
        Final = state;
    }

    /// <summary>Hidden states [H,B], one a time step; zero behind an example's length.</summary>
    public IReadOnlyList<Matrix<double>> Outputs { get; }

    /// <summary>State after the last step read.</summary>
    public CellState Final { get; }

    /// <summary>Backpropagation through time: takes the steps in the opposite order and carries the state's gradient from one to the one before.</summary>
    /// <param name="dOutputs">∂L/∂outputs; what stands behind an example's length is ignored.</param>
    /// <param name="dFinal">∂L/∂final state.</param>
    /// <returns>New gradients.</returns>
    public SequenceGradients Backward(IReadOnlyList<Matrix<double>> dOutputs, CellState dFinal)
    {
        ArgumentNullException.ThrowIfNull(dOutputs);
        ArgumentNullException.ThrowIfNull(dFinal);
        var dParameters = _cell.Parameters.ZerosLike();
        var dx = new Matrix<double>[_x.Count];
        var dState = dFinal;
        foreach (int t in _reverse ? Enumerable.Range(0, _x.Count) : Enumerable.Range(0, _x.Count).Reverse())
        {
            var nothing = dState.ZerosLike();
            var dNext = dState with { H = dState.H + dOutputs[t] };                     // (7.2) of both uses of h_t: the output, and the next step
            var dTaken = dNext.Where(b => IsValid(t, b), nothing);                      // (7.5) a step that was not taken has no gradient
            var step = _steps[t].Backward(_kept is null ? dTaken : dTaken.Blend(_kept[t], nothing)); // (16.5) nor has the part that was kept
            dParameters = CellParameters.Add(dParameters, step.Parameters);             // (7.3) the same parameters at every step
            dx[t] = step.X;                                                             // (7.3)
            var dPrevious = _kept is null ? step.Previous : CellState.Add(step.Previous, nothing.Blend(_kept[t], dNext)); // (16.6) what was kept hands its gradient on
            dState = dPrevious.Where(b => IsValid(t, b), dState);                       // (7.2), (7.5) carried on to the step before
        }

        return new SequenceGradients(dParameters, dx, dState);
    }

    private bool IsValid(int time, int example) => time < _lengths[example];
}
