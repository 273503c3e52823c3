using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>
/// Stochastic gradient descent that keeps an average of its points from a chosen moment on, section 9 of docs/equations.md (Polyak and Juditsky 1992;
/// the moment: Merity, Keskar and Socher 2018). The averages are under the name <c>average</c>.
/// </summary>
internal sealed class TextbookAveragedSgd : TextbookOptimizer
{
    private int _start = int.MaxValue;

    /// <summary>Averages from the next update on.</summary>
    public void StartAveraging() => _start = Math.Min(_start, Steps);

    /// <inheritdoc/>
    protected override Matrix<double> Update(string name, Matrix<double> theta, Matrix<double> gradient)
    {
        ArgumentNullException.ThrowIfNull(theta);
        var next = theta - LearningRate * gradient;                               // (9.12) without momentum
        if (Steps > _start)
        {
            var average = State(name, "average", theta);
            double part = 1.0 / Math.Max(1, Steps - _start - 1);                  // (9.18)
            Keep(name, "average", average + part * (next - average));             // (9.19)
        }

        return next;
    }
}
