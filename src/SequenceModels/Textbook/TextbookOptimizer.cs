using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>What all update rules share, section 9 of docs/equations.md: the step size, weight decay, and a table of what a rule remembers.</summary>
internal abstract class TextbookOptimizer
{
    private readonly Dictionary<(string Parameter, string What), Matrix<double>> _states = [];

    /// <summary>η, the step size.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>λ, weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether the weights decay by themselves (with Adam: AdamW) and not through the gradient.</summary>
    public bool Decoupled { get; init; }

    /// <summary>k, updates begun.</summary>
    public int Steps { get; private set; }

    /// <summary>One update.</summary>
    /// <param name="parameters">By name; replaced by the new ones.</param>
    /// <param name="gradients">By the same names.</param>
    public void Step(IDictionary<string, Matrix<double>> parameters, IReadOnlyDictionary<string, Matrix<double>> gradients)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        Steps++;
        foreach (var (name, gradient) in gradients)
        {
            var theta = parameters[name];
            parameters[name] = Decoupled
                ? Update(name, theta * (1 - LearningRate * WeightDecay), gradient) // (9.8)
                : Update(name, theta, gradient + WeightDecay * theta);             // (9.7)
        }
    }

    /// <summary>What was kept of a parameter.</summary>
    /// <param name="parameter">Its name.</param>
    /// <param name="what">Which of several.</param>
    /// <returns>The matrix, or <c>null</c> if nothing was kept yet.</returns>
    public Matrix<double>? StateOrNull(string parameter, string what) => _states.GetValueOrDefault((parameter, what));

    /// <summary>The rule.</summary>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="theta">θ, decayed already if it decays by itself.</param>
    /// <param name="gradient">d, with the decay in it if it decays by the gradient.</param>
    /// <returns>The new θ.</returns>
    protected abstract Matrix<double> Update(string name, Matrix<double> theta, Matrix<double> gradient);

    /// <summary>What was kept of a parameter; zeros at first.</summary>
    /// <param name="parameter">Its name.</param>
    /// <param name="what">Which of several.</param>
    /// <param name="theta">A matrix of the same shape.</param>
    /// <returns>The matrix.</returns>
    protected Matrix<double> State(string parameter, string what, Matrix<double> theta) => StateOrNull(parameter, what) ?? theta.ZerosLike();

    /// <summary>Keeps a matrix for the next step.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    /// <param name="what">Which of several.</param>
    /// <param name="value">The matrix.</param>
    /// <returns>The same.</returns>
    protected Matrix<double> Keep(string parameter, string what, Matrix<double> value) => _states[(parameter, what)] = value;
}
