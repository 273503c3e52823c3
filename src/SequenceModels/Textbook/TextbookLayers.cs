using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Layers of cells one above the other, each in one or two directions: section 7 of docs/equations.md.</summary>
internal sealed class TextbookLayers
{
    private readonly TextbookSequence[] _runs;
    private readonly int _directions;

    /// <summary>Runs all layers forward.</summary>
    /// <param name="cells">Cell number layer * <paramref name="directions"/> + direction.</param>
    /// <param name="directions">1, or 2 if each layer also reads backwards.</param>
    /// <param name="x">Inputs of the lowest layer, [I,B], one a time step.</param>
    /// <param name="initial">States before the first step, numbered like the cells.</param>
    /// <param name="lengths">Valid steps of each example; <c>null</c>: all.</param>
    public TextbookLayers(IReadOnlyList<TextbookCell> cells, int directions, IReadOnlyList<Matrix<double>> x, IReadOnlyList<CellState> initial, IReadOnlyList<int>? lengths = null)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(initial);
        _directions = directions;
        _runs = new TextbookSequence[cells.Count];
        Outputs = x;
        for (int layer = 0; layer < cells.Count / directions; layer++)
        {
            int first = layer * directions;
            for (int index = first; index < first + directions; index++)
                _runs[index] = new TextbookSequence(cells[index], Outputs, initial[index], lengths, reverse: index > first); // (7.6), (7.8)
            Outputs = directions == 1
                ? _runs[first].Outputs
                : [.. _runs[first].Outputs.Zip(_runs[first + 1].Outputs, (forward, reverse) => forward.Stack(reverse))]; // (7.7)
        }

        Final = [.. _runs.Select(run => run.Final)];
    }

    /// <summary>Outputs of the highest layer, [D*H,B], one a time step: the forward direction's rows, then the reverse one's.</summary>
    public IReadOnlyList<Matrix<double>> Outputs { get; }

    /// <summary>States after the last step read, numbered like the cells.</summary>
    public IReadOnlyList<CellState> Final { get; }

    /// <summary>Differentiates all layers, from the highest to the lowest.</summary>
    /// <param name="dOutputs">∂L/∂outputs.</param>
    /// <param name="dFinal">∂L/∂final states, numbered like the cells.</param>
    /// <returns>Gradients of each cell, numbered like the cells, and those of the inputs.</returns>
    public (IReadOnlyList<SequenceGradients> Cells, IReadOnlyList<Matrix<double>> X) Backward(IReadOnlyList<Matrix<double>> dOutputs, IReadOnlyList<CellState> dFinal)
    {
        ArgumentNullException.ThrowIfNull(dFinal);
        var gradients = new SequenceGradients[_runs.Length];
        var dAbove = dOutputs;
        for (int first = _runs.Length - _directions; first >= 0; first -= _directions)
        {
            for (int direction = 0; direction < _directions; direction++)
            {
                int size = dFinal[first].H.RowCount;
                Matrix<double>[] dOwn = [.. dAbove.Select(d => d.Gate(direction, size))]; // (7.7) each direction has its own rows
                gradients[first + direction] = _runs[first + direction].Backward(dOwn, dFinal[first + direction]);
            }

            dAbove = _directions == 1
                ? gradients[first].X
                : [.. gradients[first].X.Zip(gradients[first + 1].X, (forward, reverse) => forward + reverse)]; // (7.7) both read the same input
        }

        return (gradients, dAbove);
    }
}
