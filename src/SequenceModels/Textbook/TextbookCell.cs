using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>
/// A recurrent cell as in docs/equations.md: parameters plus one step. Double precision, one example a column, slow and plain:
/// the definition of correct that fast code is tested against.
/// </summary>
internal abstract class TextbookCell(CellParameters parameters)
{
    /// <summary>The parameters.</summary>
    public CellParameters Parameters { get; } = parameters;

    /// <summary>Whether the state has a C besides its H.</summary>
    public virtual bool HasCellState => false;

    /// <summary>One step in time.</summary>
    /// <param name="x">Input [I,B].</param>
    /// <param name="previous">State before the step.</param>
    /// <returns>The step: the state after it, and what its backward needs.</returns>
    public abstract TextbookStep Forward(Matrix<double> x, CellState previous);

    /// <summary>A state of zeros.</summary>
    /// <param name="batch">B, number of examples.</param>
    /// <returns>H, and C if the cell has one.</returns>
    public CellState ZeroState(int batch)
    {
        var zeros = Matrix<double>.Build.Dense(Parameters.HiddenSize, batch);
        return new CellState(zeros, HasCellState ? zeros.Clone() : null);
    }
}
