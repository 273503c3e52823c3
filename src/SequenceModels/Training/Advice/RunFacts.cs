using SequenceModels.Data;
using SequenceModels.Tasks;

namespace SequenceModels.Training.Advice;

/// <summary>What is known of a run before its first update. Losses are nats a token, or an example.</summary>
public sealed record RunFacts
{
    /// <summary>Characters of training data that are counted for the losses of simple models.</summary>
    private const int CountedCharacters = 1_000_000;

    /// <summary>What is learned.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>Trained values.</summary>
    public required long Parameters { get; init; }

    /// <summary>Tokens (language models) or examples that are measured on.</summary>
    public required long ValidationTargets { get; init; }

    /// <summary>The loss of an even guess, ln V or ln K; <c>null</c> where there is no such thing.</summary>
    public double? GuessLoss { get; init; }

    /// <summary>The loss of knowing nothing but how frequent each token or label is.</summary>
    public double? FrequencyLoss { get; init; }

    /// <summary>The loss of knowing for each token what follows it how often; <c>null</c> where there are too few tokens to count that.</summary>
    public double? PairLoss { get; init; }

    /// <summary>Training examples by label; empty for language models.</summary>
    public IReadOnlyDictionary<string, long> LabelCounts { get; init; } = new Dictionary<string, long>();

    /// <summary>Whether labels are weighted in the loss.</summary>
    public bool WeighsClasses { get; init; }

    /// <summary>The learning rate at its highest.</summary>
    public double LearningRate { get; init; }

    /// <summary>What gradients are scaled down to.</summary>
    public double GradientClipNorm { get; init; } = double.PositiveInfinity;

    /// <summary>Counts what a run is about to learn from.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="training">The examples to learn from.</param>
    /// <param name="validation">The examples to measure on.</param>
    public static RunFacts Of(TrainingPlan plan, TrainingData training, TrainingData validation)
    {
        var facts = new RunFacts
        {
            Task = plan.Task,
            Parameters = plan.Parameters,
            ValidationTargets = 0,
            WeighsClasses = plan.Training.ClassWeights is not null,
            LearningRate = plan.Training.LearningRate,
            GradientClipNorm = plan.Training.GradientClipNorm,
        };
        if (plan.Task == TaskKind.Classification && training is TrainingData.Labelled labelled)
        {
            var counts = labelled.Items.CountBy(item => item.Label, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => (long)pair.Value, StringComparer.Ordinal);
            return facts with
            {
                ValidationTargets = validation is TrainingData.Labelled held ? held.Items.Count : 0,
                GuessLoss = Math.Log(plan.Labels.Count),
                FrequencyLoss = Entropy(counts.Values),
                LabelCounts = counts,
            };
        }

        var tokens = Sequences(training.WithoutLabels()).Select(text => plan.Tokenizer.Encode(text)).ToList();
        int vocabulary = plan.Tokenizer.Vocabulary.Count;
        long[] frequencies = new long[vocabulary];
        foreach (int token in tokens.SelectMany(sequence => sequence))
            frequencies[token]++;
        return facts with
        {
            ValidationTargets = Sequences(validation.WithoutLabels()).Sum(text => (long)plan.Tokenizer.Encode(text).Length),
            GuessLoss = Math.Log(vocabulary),
            FrequencyLoss = Entropy(frequencies),
            // Pairs that are seen once each say nothing about what follows.
            PairLoss = (long)vocabulary * vocabulary <= frequencies.Sum() ? PairEntropy(tokens, vocabulary) : null,
        };
    }

    private static IEnumerable<string> Sequences(TrainingData data)
    {
        switch (data)
        {
            case TrainingData.ContinuousText text:
                yield return text.Text.Length <= CountedCharacters ? text.Text : text.Text[..CountedCharacters];
                break;
            case TrainingData.Lines lines:
                long left = CountedCharacters;
                foreach (string line in lines.Items.TakeWhile(line => (left -= line.Length) > -line.Length))
                    yield return line;
                break;
        }
    }

    /// <summary>-sum p ln p.</summary>
    private static double Entropy(IEnumerable<long> counts)
    {
        double total = counts.Sum();
        return -counts.Where(count => count > 0).Sum(count => count / total * Math.Log(count / total));
    }

    /// <summary>The mean of -ln p(b | a) over all neighbours a, b.</summary>
    private static double PairEntropy(List<int[]> sequences, int vocabulary)
    {
        long[] pairs = new long[vocabulary * vocabulary], firsts = new long[vocabulary];
        foreach (int[] sequence in sequences)
        {
            for (int i = 1; i < sequence.Length; i++)
            {
                pairs[sequence[i - 1] * vocabulary + sequence[i]]++;
                firsts[sequence[i - 1]]++;
            }
        }

        double sum = 0;
        for (int i = 0; i < pairs.Length; i++)
            sum -= pairs[i] == 0 ? 0 : pairs[i] * Math.Log((double)pairs[i] / firsts[i / vocabulary]);
        return sum / Math.Max(1, firsts.Sum());
    }
}
