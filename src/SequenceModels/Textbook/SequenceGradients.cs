using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Gradients of one cell over a sequence.</summary>
/// <param name="Parameters">With respect to the parameters, summed over steps and examples.</param>
/// <param name="X">With respect to the inputs, [I,B], one a time step.</param>
/// <param name="Initial">With respect to the state before the first step read.</param>
internal sealed record SequenceGradients(CellParameters Parameters, IReadOnlyList<Matrix<double>> X, CellState Initial);
