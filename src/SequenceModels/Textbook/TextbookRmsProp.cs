using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>RMSprop, section 9 of docs/equations.md (Tieleman and Hinton 2012; centred and with momentum: Graves 2013), as PyTorch has it.</summary>
internal sealed class TextbookRmsProp : TextbookOptimizer
{
    /// <summary>α, decay of the mean of squares.</summary>
    public double SquareDecay { get; init; } = 0.99;

    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>μ, the part of the last step's direction that is kept.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether the mean of squares is taken about the mean (a variance).</summary>
    public bool Centered { get; init; }

    /// <inheritdoc/>
    protected override Matrix<double> Update(string name, Matrix<double> theta, Matrix<double> gradient)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(gradient);
        var square = Keep(name, "square", SquareDecay * State(name, "square", theta) + (1 - SquareDecay) * gradient.Hadamard(gradient)); // (9.13)
        if (Centered)
        {
            var mean = Keep(name, "mean", SquareDecay * State(name, "mean", theta) + (1 - SquareDecay) * gradient);                      // (9.14)
            square = (square - mean.Hadamard(mean)).PointwiseMaximum(0);                                                                 // (9.14)
        }

        var direction = Keep(name, "momentum", Momentum * State(name, "momentum", theta) + gradient.PointwiseDivide(square.PointwiseSqrt() + Epsilon)); // (9.15)
        return theta - LearningRate * direction;                                                                                        // (9.15)
    }
}
