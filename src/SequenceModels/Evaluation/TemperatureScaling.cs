using SequenceModels.Sampling;

namespace SequenceModels.Evaluation;

/// <summary>What fitting a temperature gave.</summary>
/// <param name="Temperature">T; 1 where none was fitted.</param>
/// <param name="Examples">Examples that it was fitted on.</param>
/// <param name="NotFitted">Why none was fitted, as a sentence; <c>null</c> where one was.</param>
public readonly record struct FittedTemperature(double Temperature, int Examples, string? NotFitted);

/// <summary>
/// Temperature scaling (Guo et al. 2017, section 4.2): probabilities are <c>softmax(z / T)</c> of the logits z, with the one number T that makes the log loss of held-out examples least. The order of labels stays, and with it the
/// prediction; T above 1 takes confidence away, below 1 adds some. In double precision by one fixed sequence of operations: the same logits give the same bits.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>Fewest examples that a temperature is fitted on: of fewer, chance would set it.</summary>
    public const int LeastExamples = 30;

    /// <summary>The least T that is fitted.</summary>
    public const double Least = 0.05;

    /// <summary>The largest T that is fitted: then all labels are about equally probable.</summary>
    public const double Most = 20;

    private const int MostSteps = 100;
    private const double Tolerance = 1e-12;

    /// <summary>
    /// Fits T: the mean loss is convex in the inverse b = 1 / T, and its derivative, <c>mean of (sum over j of p_j z_j) - z_y</c> with p = softmax(b z), is brought to 0 by Newton's method within a bracket that shrinks.
    /// </summary>
    /// <param name="logits">[n,C] the logits of each example, row by row.</param>
    /// <param name="labels">[n] the label of each example, 0..C-1.</param>
    /// <param name="classes">C.</param>
    /// <returns>T from <see cref="Least"/> to <see cref="Most"/>. 1 with fewer than <see cref="LeastExamples"/> examples, and where every example's own label has the highest logit: then the loss has no minimum.</returns>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    public static FittedTemperature Fit(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        if ((long)labels.Length * classes != logits.Length)
            throw new ArgumentException("There must be one logit for each example and label.", nameof(logits));
        if (labels.Length < LeastExamples)
            return new(1, labels.Length, $"Fewer than {LeastExamples} examples were held out.");
        if (AllRight(logits, labels, classes))
            return new(1, labels.Length, "Every held-out example was classified rightly, so that no finite temperature is the best.");

        double low = 1 / Most, high = 1 / Least, b = 1;
        if (Slope(logits, labels, classes, low).First >= 0)
            return new(Most, labels.Length, null);
        if (Slope(logits, labels, classes, high).First <= 0)
            return new(Least, labels.Length, null);
        for (int step = 0; step < MostSteps; step++)
        {
            var (first, second) = Slope(logits, labels, classes, b);
            if (first > 0)
                high = b;
            else
                low = b;
            double next = b - first / second;
            if (!(next > low && next < high))
                next = (low + high) / 2;
            double change = Math.Abs(next - b);
            b = next;
            if (change <= Tolerance * b)
                break;
        }

        return new(1 / b, labels.Length, null);
    }

    /// <summary>p = softmax(z / T).</summary>
    /// <param name="logits">[C] z.</param>
    /// <param name="temperature">T, above 0.</param>
    /// <param name="probabilities">[C] receives p.</param>
    /// <returns>ln of the sum of <c>exp(z_j / T)</c>: the loss of label y is this minus <c>z_y / T</c>.</returns>
    public static double Probabilities(ReadOnlySpan<float> logits, double temperature, Span<double> probabilities)
    {
        double max = SamplingMath.Max(logits), sum = 0;
        for (int j = 0; j < logits.Length; j++)
            sum += probabilities[j] = SamplingMath.Exp((logits[j] - max) / temperature);
        for (int j = 0; j < logits.Length; j++)
            probabilities[j] /= sum;
        return max / temperature + SamplingMath.Log(sum);
    }

    private static bool AllRight(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        for (int row = 0; row < labels.Length; row++)
        {
            var z = logits.Slice(row * classes, classes);
            if (z[labels[row]] < SamplingMath.Max(z))
                return false;
        }

        return true;
    }

    /// <summary>First and second derivative of the mean loss by b: the means of E[z] - z_y and of the variance of z under p.</summary>
    private static (double First, double Second) Slope(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes, double b)
    {
        double first = 0, second = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            var z = logits.Slice(row * classes, classes);
            double max = SamplingMath.Max(z), sum = 0, mean = 0, square = 0;
            foreach (float value in z)
            {
                double below = value - max, p = SamplingMath.Exp(b * below);
                sum += p;
                mean += p * below;
                square += p * below * below;
            }

            mean /= sum;
            first += mean - (z[labels[row]] - max);
            second += square / sum - mean * mean;
        }

        return (first / labels.Length, second / labels.Length);
    }
}
