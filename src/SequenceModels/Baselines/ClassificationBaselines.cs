using SequenceModels.Data;
using SequenceModels.Text;

namespace SequenceModels.Baselines;

/// <summary>How well a baseline tells the labels of held-out examples.</summary>
/// <param name="Accuracy">Share of examples whose most probable label is theirs.</param>
/// <param name="LogLoss">Mean negative log-probability of an example's own label, in nats; a label that training never showed counts as one of probability 1e-15.</param>
/// <param name="Right">Which of the examples those are.</param>
public sealed record ClassificationBaselineResult(double Accuracy, double LogLoss, IReadOnlyList<bool> Right);

/// <summary>What simple classifiers reach on the data of a network, for comparison.</summary>
/// <param name="Majority">Always the most frequent label (of equals the first in ordinal order), with the labels' shares of the training data as probabilities.</param>
/// <param name="NaiveBayes">Naive Bayes over tokens and pairs of tokens.</param>
/// <param name="TrainingExamples">Examples learned from.</param>
/// <param name="ValidationExamples">Examples measured on.</param>
public sealed record ClassificationBaselineReport(ClassificationBaselineResult Majority, ClassificationBaselineResult NaiveBayes, int TrainingExamples, int ValidationExamples);

/// <summary>Measures simple classifiers on the same tokens and the same split as a network.</summary>
public static class ClassificationBaselines
{
    private const double LeastProbability = 1e-15;

    /// <summary>Learns from the training examples and measures on the validation examples.</summary>
    /// <param name="tokenizer">The network's tokenizer.</param>
    /// <param name="training">Examples to learn from, at least one.</param>
    /// <param name="validation">Examples to measure on, at least one.</param>
    /// <param name="cancellationToken">Looked at before each example.</param>
    /// <returns>The results.</returns>
    /// <exception cref="ArgumentException">A side has no examples.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ClassificationBaselineReport Measure(ITokenizer tokenizer, IReadOnlyList<LabelledText> training, IReadOnlyList<LabelledText> validation, CancellationToken cancellationToken)
    {
        if (training.Count == 0 || validation.Count == 0)
            throw new ArgumentException("There must be examples to learn from and examples to measure on.", training.Count == 0 ? nameof(training) : nameof(validation));
        string[] labels = [.. training.Select(example => example.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var classes = labels.Index().ToDictionary(label => label.Item, label => label.Index, StringComparer.Ordinal);
        var model = new NaiveBayes(labels.Length);
        var shares = new double[labels.Length];
        foreach (var example in training)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int label = classes[example.Label];
            model.Add(tokenizer.Encode(example.Text), label);
            shares[label] += 1.0 / training.Count;
        }

        var majority = new Tally();
        var naiveBayes = new Tally();
        double[] logShares = [.. shares.Select(share => Math.Log(share))];
        var logProbabilities = new double[labels.Length];
        foreach (var example in validation)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int? label = classes.TryGetValue(example.Label, out int known) ? known : null;
            model.Classify(tokenizer.Encode(example.Text), logProbabilities);
            naiveBayes.Add(logProbabilities, label);
            majority.Add(logShares, label);
        }

        return new(majority.Result(), naiveBayes.Result(), training.Count, validation.Count);
    }

    private sealed class Tally
    {
        private readonly List<bool> _right = [];
        private double _loss;

        public void Add(double[] logProbabilities, int? label)
        {
            int best = 0;
            for (int c = 1; c < logProbabilities.Length; c++)
            {
                if (logProbabilities[c] > logProbabilities[best])
                    best = c;
            }

            _right.Add(best == label);
            _loss -= Math.Max(Math.Log(LeastProbability), label is { } own ? logProbabilities[own] : double.NegativeInfinity);
        }

        public ClassificationBaselineResult Result() => new((double)_right.Count(right => right) / _right.Count, _loss / _right.Count, _right);
    }
}
