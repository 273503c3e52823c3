namespace SequenceModels.Evaluation;

/// <summary>How often examples of one label were given another, and what follows from it. Only pairs that occur are held, so that thousands of labels cost no more than the examples.</summary>
public sealed class ConfusionMatrix
{
    private readonly Dictionary<long, long> _counts = [];
    private readonly long[] _actual;
    private readonly long[] _predicted;
    private readonly long[] _right;

    /// <summary>An empty matrix.</summary>
    /// <param name="labels">C, number of labels, 1 or more.</param>
    public ConfusionMatrix(int labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 1);
        (_actual, _predicted, _right) = (new long[labels], new long[labels], new long[labels]);
    }

    /// <summary>C, number of labels.</summary>
    public int Labels => _actual.Length;

    /// <summary>N, number of examples.</summary>
    public long Examples { get; private set; }

    /// <summary>Examples of label <paramref name="actual"/> that were given label <paramref name="predicted"/>.</summary>
    /// <param name="actual">0..C-1.</param>
    /// <param name="predicted">0..C-1.</param>
    public long this[int actual, int predicted] => _counts.GetValueOrDefault(Key(actual, predicted));

    /// <summary>The pairs that occur, in the order of actual, then predicted label.</summary>
    public IEnumerable<(int Actual, int Predicted, long Count)> Pairs =>
        _counts.OrderBy(pair => pair.Key).Select(pair => ((int)(pair.Key / Labels), (int)(pair.Key % Labels), pair.Value));

    /// <summary>Share of examples whose predicted label is theirs: sum of the diagonal / N. NaN without examples.</summary>
    public double Accuracy => (double)_right.Sum() / Examples;

    /// <summary>
    /// The mean of F1 over the labels that occur as actual ones (Manning, Raghavan and Schütze 2008, section 13.6): a rare label counts as much as a frequent one. NaN without examples.
    /// </summary>
    public double MacroF1 => MeanF1(_right, _actual, _predicted);

    /// <summary>
    /// F1 of all decisions pooled, 2 TP / (2 TP + FP + FN) summed over labels. Where each example has one label and gets one, every false positive of one label is a false negative of another, and this is the accuracy.
    /// </summary>
    public double MicroF1 => F1(_right.Sum(), Examples, Examples);

    /// <summary>Precision, recall and F1 of each label.</summary>
    public IReadOnlyList<ClassMetrics> Classes =>
        [.. Enumerable.Range(0, Labels).Select(label => new ClassMetrics(
            label, Ratio(_right[label], _predicted[label]), Ratio(_right[label], _actual[label]), F1(_right[label], _actual[label], _predicted[label]), _actual[label], _predicted[label]))];

    /// <summary>Counts an example.</summary>
    /// <param name="actual">Its label, 0..C-1.</param>
    /// <param name="predicted">The label that it was given, 0..C-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is not one of the matrix.</exception>
    public void Add(int actual, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)actual, (uint)Labels, nameof(actual));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)Labels, nameof(predicted));
        long key = Key(actual, predicted);
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
        _actual[actual]++;
        _predicted[predicted]++;
        _right[actual] += actual == predicted ? 1 : 0;
        Examples++;
    }

    /// <summary>The wrong pairs that occur most often, of equally frequent ones those of lower labels.</summary>
    /// <param name="most">How many at most.</param>
    /// <returns>The pairs, the most frequent first.</returns>
    public IReadOnlyList<(int Actual, int Predicted, long Count)> MostConfused(int most) =>
        [.. Pairs.Where(pair => pair.Actual != pair.Predicted).OrderByDescending(pair => pair.Count).Take(most)];

    /// <summary>2 TP / (2 TP + FP + FN) = 2 TP / (actual + predicted); 0 where a label neither occurs nor is predicted.</summary>
    internal static double F1(long right, long actual, long predicted) => actual + predicted == 0 ? 0 : 2.0 * right / (actual + predicted);

    /// <summary>The mean of F1 over the labels that occur as actual ones; NaN where none does.</summary>
    /// <param name="right">Right decisions of each label.</param>
    /// <param name="actual">Examples that have it.</param>
    /// <param name="predicted">Examples that were given it.</param>
    internal static double MeanF1(ReadOnlySpan<long> right, ReadOnlySpan<long> actual, ReadOnlySpan<long> predicted)
    {
        double sum = 0;
        int occurring = 0;
        for (int label = 0; label < actual.Length; label++)
        {
            if (actual[label] == 0)
                continue;
            occurring++;
            sum += F1(right[label], actual[label], predicted[label]);
        }

        return sum / occurring;
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private long Key(int actual, int predicted) => (long)actual * Labels + predicted;
}

/// <summary>How well one label is told from all others (van Rijsbergen 1979, chapter 7).</summary>
/// <param name="Label">The label's number.</param>
/// <param name="Precision">Share of the examples given this label that have it, TP / (TP + FP); 0 where it is never given.</param>
/// <param name="Recall">Share of the examples that have this label that are given it, TP / (TP + FN); 0 where none has it.</param>
/// <param name="F1">Their harmonic mean, 2 TP / (2 TP + FP + FN).</param>
/// <param name="Support">Examples that have this label.</param>
/// <param name="Predicted">Examples that are given it.</param>
public readonly record struct ClassMetrics(int Label, double Precision, double Recall, double F1, long Support, long Predicted);
