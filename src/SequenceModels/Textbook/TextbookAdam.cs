using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Adam and its variants, section 9 of docs/equations.md (Kingma and Ba 2015; AMSGrad: Reddi et al. 2018; AdamW: Loshchilov and Hutter 2019).</summary>
internal sealed class TextbookAdam : TextbookOptimizer
{
    /// <summary>β1, decay of the mean of the gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β2, decay of the mean of their squares.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Whether the largest mean of squares so far is used (AMSGrad).</summary>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    protected override Matrix<double> Update(string name, Matrix<double> theta, Matrix<double> gradient)
    {
        var m = State(name, "m", theta);
        var v = State(name, "v", theta);
        m = Keep(name, "m", Beta1 * m + (1 - Beta1) * gradient);                           // (9.3)
        v = Keep(name, "v", Beta2 * v + (1 - Beta2) * gradient.Hadamard(gradient));        // (9.4)
        var largest = Keep(name, "largest", State(name, "largest", theta).PointwiseMaximum(v)); // (9.9)
        double correction1 = 1 - Math.Pow(Beta1, Steps);                                   // (9.5)
        double correction2 = 1 - Math.Pow(Beta2, Steps);                                   // (9.5)
        var root = (AmsGrad ? largest : v).PointwiseSqrt() / Math.Sqrt(correction2) + Epsilon;
        return theta - LearningRate / correction1 * m.PointwiseDivide(root);               // (9.6)
    }
}
