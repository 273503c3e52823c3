using System.Runtime.InteropServices;

namespace SequenceModels.Baselines;

/// <summary>
/// Multinomial naive Bayes over single tokens and pairs of neighbours, with Laplace smoothing (Manning, Raghavan, Schütze 2008, chapter 13):
/// <c>ln p(c | text) = ln (D_c + 1) / (D + C) + sum over features f of the text of ln (n_cf + 1) / (n_c + F) + constant</c>, with D documents, C classes, F different features, n_cf the count
/// of f in class c. Features never seen in training are passed over.
/// </summary>
public sealed class NaiveBayes
{
    private readonly long[] _documents;
    private readonly long[] _features;
    private readonly Dictionary<ulong, int> _firstCount = [];
    private readonly List<ClassCount> _counts = [];

    /// <summary>A model that has seen nothing.</summary>
    /// <param name="classes">C, number of classes, 1 or more.</param>
    public NaiveBayes(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        _documents = new long[classes];
        _features = new long[classes];
    }

    /// <summary>C, number of classes.</summary>
    public int Classes => _documents.Length;

    /// <summary>Counts the features of a text.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="label">Its class, 0..C-1.</param>
    public void Add(ReadOnlySpan<int> tokens, int label)
    {
        _documents[label]++;
        for (int i = 0; i < tokens.Length; i++)
        {
            CountOne(Single(tokens[i]), label);
            if (i > 0)
                CountOne(Pair(tokens[i - 1], tokens[i]), label);
        }
    }

    /// <summary>The probabilities of all classes.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="logProbabilities">[C] receives their natural logarithms.</param>
    public void Classify(ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        long documents = _documents.Sum();
        for (int c = 0; c < Classes; c++)
            logProbabilities[c] = Math.Log((_documents[c] + 1.0) / (documents + Classes));
        int known = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            known += AddCounts(Single(tokens[i]), logProbabilities);
            if (i > 0)
                known += AddCounts(Pair(tokens[i - 1], tokens[i]), logProbabilities);
        }

        for (int c = 0; c < Classes; c++)
            logProbabilities[c] -= known * Math.Log(_features[c] + (double)_firstCount.Count);
        Normalize(logProbabilities);
    }

    private static ulong Single(int token) => (uint)token;

    private static ulong Pair(int first, int second) => ((ulong)(uint)first + 1 << 32) | (uint)second;

    private static void Normalize(Span<double> logProbabilities)
    {
        double max = double.NegativeInfinity;
        foreach (double value in logProbabilities)
            max = Math.Max(max, value);
        double sum = 0;
        foreach (double value in logProbabilities)
            sum += Math.Exp(value - max);
        double logSum = max + Math.Log(sum);
        foreach (ref double value in logProbabilities)
            value -= logSum;
    }

    // Each feature has a chain of the classes it was seen in: most are seen in one or two of them.
    private void CountOne(ulong feature, int label)
    {
        _features[label]++;
        ref int first = ref CollectionsMarshal.GetValueRefOrAddDefault(_firstCount, feature, out bool known);
        if (!known)
            first = -1;
        var counts = CollectionsMarshal.AsSpan(_counts);
        for (int i = first; i >= 0; i = counts[i].Next)
        {
            if (counts[i].Label != label)
                continue;
            counts[i].Count++;
            return;
        }

        _counts.Add(new ClassCount { Label = label, Count = 1, Next = first });
        first = _counts.Count - 1;
    }

    // ln (n_cf + 1) is 0 for all classes that never saw the feature.
    private int AddCounts(ulong feature, Span<double> logProbabilities)
    {
        if (!_firstCount.TryGetValue(feature, out int first))
            return 0;
        for (int i = first; i >= 0; i = _counts[i].Next)
            logProbabilities[_counts[i].Label] += Math.Log(_counts[i].Count + 1.0);
        return 1;
    }

    private struct ClassCount
    {
        public int Label;
        public int Count;
        public int Next;
    }
}
