using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Gradients of one step of a cell.</summary>
/// <param name="Gates">With respect to the gates' values, [G*H,B].</param>
/// <param name="PreActivations">With respect to what the gates' functions were applied to, [G*H,B].</param>
/// <param name="Parameters">With respect to the parameters, summed over the examples.</param>
/// <param name="X">With respect to the input, [I,B].</param>
/// <param name="Previous">With respect to the state before the step.</param>
internal sealed record StepGradients(Matrix<double> Gates, Matrix<double> PreActivations, CellParameters Parameters, Matrix<double> X, CellState Previous);
