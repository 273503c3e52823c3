using SequenceModels.Sampling;

namespace SequenceModels.Evaluation;

/// <summary>Proper scores of stated probabilities: each is least, in expectation, when the true probabilities are stated.</summary>
public static class ProbabilityScores
{
    /// <summary>The least probability that a loss is taken of: a label that was called impossible costs 34.5 nats rather than infinitely many.</summary>
    public const double LeastProbability = 1e-15;

    /// <summary>Mean negative log-probability of the examples' own labels, <c>-1/n sum over i of ln p_i(y_i)</c>, in nats (Good 1952).</summary>
    /// <param name="probabilities">[n,C] the probability of each label for each example, row by row.</param>
    /// <param name="labels">[n] the label of each example, 0..C-1.</param>
    /// <param name="classes">C.</param>
    /// <returns>Nats an example, 0 or more; NaN without examples.</returns>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    public static double LogLoss(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        RequireShape(probabilities, labels, classes);
        double sum = 0;
        for (int row = 0; row < labels.Length; row++)
            sum -= SamplingMath.Log(Math.Max(probabilities[row * classes + labels[row]], LeastProbability));
        return sum / labels.Length;
    }

    /// <summary>Brier's score in its original form (Brier 1950): the mean over examples of the sum over labels of <c>(p_j - y_j)^2</c>, y_j being 1 for the example's own label. For two labels it is twice the square of one of them.</summary>
    /// <param name="probabilities">[n,C] the probability of each label for each example, row by row.</param>
    /// <param name="labels">[n] the label of each example, 0..C-1.</param>
    /// <param name="classes">C.</param>
    /// <returns>0 (certain and right) to 2 (certain and wrong); NaN without examples.</returns>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    public static double Brier(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        RequireShape(probabilities, labels, classes);
        double sum = 0;
        for (int row = 0; row < labels.Length; row++)
            sum += BrierOfRow(probabilities.Slice(row * classes, classes), labels[row]);
        return sum / labels.Length;
    }

    internal static double BrierOfRow(ReadOnlySpan<double> probabilities, int label)
    {
        double sum = 0;
        for (int j = 0; j < probabilities.Length; j++)
        {
            double difference = probabilities[j] - (j == label ? 1 : 0);
            sum += difference * difference;
        }

        return sum;
    }

    private static void RequireShape(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        if ((long)labels.Length * classes != probabilities.Length)
            throw new ArgumentException("There must be one probability for each example and label.", nameof(probabilities));
    }
}
