using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Adam and its variants, section 9 of docs/equations.md (Kingma and Ba 2015; AMSGrad: Reddi et al. 2018; AdamW: Loshchilov and Hutter 2019).</summary>
public sealed class TextbookAdam
{
    private readonly Dictionary<string, (Matrix<double> M, Matrix<double> V, Matrix<double> Largest)> _moments = [];
    private int _steps;

    /// <summary>η, the step size.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>β1, decay of the mean of the gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β2, decay of the mean of their squares.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ, weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether the weights decay by themselves (AdamW) and not through the gradient.</summary>
    public bool Decoupled { get; init; }

    /// <summary>Whether the largest mean of squares so far is used (AMSGrad).</summary>
    public bool AmsGrad { get; init; }

    /// <summary>One update.</summary>
    /// <param name="parameters">By name; replaced by the new ones.</param>
    /// <param name="gradients">By the same names.</param>
    public void Step(IDictionary<string, Matrix<double>> parameters, IReadOnlyDictionary<string, Matrix<double>> gradients)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        _steps++;
        foreach (var (name, gradient) in gradients)
        {
            var theta = parameters[name];
            var (m, v, largest) = _moments.TryGetValue(name, out var kept) ? kept : (theta.ZerosLike(), theta.ZerosLike(), theta.ZerosLike());
            var g = gradient;
            if (Decoupled)
                theta *= 1 - LearningRate * WeightDecay;                                     // (9.8)
            else
                g += WeightDecay * theta;                                                    // (9.7)
            m = Beta1 * m + (1 - Beta1) * g;                                                 // (9.3)
            v = Beta2 * v + (1 - Beta2) * g.Hadamard(g);                                     // (9.4)
            largest = largest.PointwiseMaximum(v);                                           // (9.9)
            double correction1 = 1 - Math.Pow(Beta1, _steps);                                // (9.5)
            double correction2 = 1 - Math.Pow(Beta2, _steps);                                // (9.5)
            var root = (AmsGrad ? largest : v).PointwiseSqrt() / Math.Sqrt(correction2) + Epsilon;
            parameters[name] = theta - LearningRate / correction1 * m.PointwiseDivide(root); // (9.6)
            _moments[name] = (m, v, largest);
        }
    }
}
