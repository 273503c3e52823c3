using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Stochastic gradient descent, section 9 of docs/equations.md (momentum: Polyak 1964; Nesterov's: Sutskever et al. 2013).</summary>
internal sealed class TextbookSgd : TextbookOptimizer
{
    /// <summary>μ, the part of the last step's direction that is kept.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether the step looks ahead along the new direction (Nesterov).</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    protected override Matrix<double> Update(string name, Matrix<double> theta, Matrix<double> gradient)
    {
        ArgumentNullException.ThrowIfNull(theta);
        var direction = Keep(name, "momentum", Momentum * State(name, "momentum", theta) + gradient); // (9.11)
        return theta - LearningRate * (Nesterov ? gradient + Momentum * direction : direction);      // (9.12)
    }
}
