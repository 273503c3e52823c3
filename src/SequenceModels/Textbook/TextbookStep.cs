using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>One step of a cell that has been computed forward, ready to be differentiated.</summary>
internal abstract class TextbookStep
{
    /// <summary>The state after the step.</summary>
    public abstract CellState State { get; }

    /// <summary>What the gates' functions were applied to, [G*H,B], stacked like the parameters' rows.</summary>
    public abstract Matrix<double> PreActivations { get; }

    /// <summary>The gates' values, [G*H,B], stacked like the parameters' rows.</summary>
    public abstract Matrix<double> Gates { get; }

    /// <summary>Differentiates the step.</summary>
    /// <param name="dNext">
    /// H: ∂L/∂h' by everything that h' feeds (the output of this step and the next step's gates). C: ∂L/∂c' through the next step
    /// alone; the route through h' of this step is added inside.
    /// </param>
    /// <returns>New gradients; nothing is accumulated.</returns>
    public abstract StepGradients Backward(CellState dNext);
}
