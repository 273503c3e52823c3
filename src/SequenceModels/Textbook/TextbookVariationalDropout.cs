using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>
/// A cell whose gates see the hidden state through one mask for all time steps, section 16 of docs/equations.md (Gal and Ghahramani 2016).
/// The state itself is carried unmasked. For cells that read h by W_hh alone: plain ones and LSTMs.
/// </summary>
/// <param name="inner">The cell.</param>
/// <param name="mask">m [H,B]: 0, or 1 / (1 - p).</param>
internal sealed class TextbookVariationalDropout(TextbookCell inner, Matrix<double> mask) : TextbookCell(inner.Parameters)
{
    /// <inheritdoc/>
    public override bool HasCellState => inner.HasCellState;

    /// <inheritdoc/>
    public override TextbookStep Forward(Matrix<double> x, CellState previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return new Step(inner.Forward(x, previous with { H = mask.Hadamard(previous.H) }), mask); // (16.7)
    }

    private sealed class Step(TextbookStep inner, Matrix<double> mask) : TextbookStep
    {
        public override CellState State => inner.State;

        public override Matrix<double> PreActivations => inner.PreActivations;

        public override Matrix<double> Gates => inner.Gates;

        public override StepGradients Backward(CellState dNext)
        {
            var gradients = inner.Backward(dNext);
            return gradients with { Previous = gradients.Previous with { H = mask.Hadamard(gradients.Previous.H) } }; // (16.8) of (16.7)
        }
    }
}
