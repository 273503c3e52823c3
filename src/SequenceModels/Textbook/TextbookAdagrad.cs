using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Adagrad, section 9 of docs/equations.md (Duchi, Hazan and Singer 2011).</summary>
internal sealed class TextbookAdagrad : TextbookOptimizer
{
    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; init; } = 1e-10;

    /// <inheritdoc/>
    protected override Matrix<double> Update(string name, Matrix<double> theta, Matrix<double> gradient)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(gradient);
        var square = Keep(name, "square", State(name, "square", theta) + gradient.Hadamard(gradient));   // (9.16)
        return theta - LearningRate * gradient.PointwiseDivide(square.PointwiseSqrt() + Epsilon);        // (9.17)
    }
}
