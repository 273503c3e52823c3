namespace SequenceModels.Evaluation;

/// <summary>
/// Area under the receiver operating characteristic: the probability that an example that has a label scores higher than one that does not, equal scores counting half (Hanley and McNeil 1982; Fawcett 2006, section 7).
/// 0.5 is chance, 1 perfect order. It does not depend on any threshold or on how the probabilities are scaled.
/// </summary>
public static class RocAuc
{
    /// <summary>
    /// The area of one label against all others, by the sum of ranks of the positive examples: <c>(R - P (P + 1) / 2) / (P N)</c>, where R adds their ranks (equal scores share the mean of their ranks), P is their number and
    /// N that of the others (Mann and Whitney 1947).
    /// </summary>
    /// <param name="scores">[n] what the examples are ordered by; more means rather positive. None is NaN.</param>
    /// <param name="positive">[n] which examples have the label.</param>
    /// <returns>0..1, or NaN where all examples have the label or none has.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Binary(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        if (scores.Length != positive.Length)
            throw new ArgumentException("There must be one score for each example.", nameof(positive));
        double[] sorted = scores.ToArray();
        bool[] carried = positive.ToArray();
        Array.Sort(sorted, carried);
        double ranks = 0;
        long positives = 0;
        for (int start = 0; start < sorted.Length;)
        {
            int end = start, among = 0;
            for (; end < sorted.Length && sorted[end] == sorted[start]; end++)
                among += carried[end] ? 1 : 0;
            ranks += among * (start + 1 + end) / 2.0; // ranks start + 1 .. end share their mean
            positives += among;
            start = Math.Max(end, start + 1);
        }

        long others = sorted.Length - positives;
        return positives == 0 || others == 0 ? double.NaN : (ranks - positives * (positives + 1) / 2.0) / ((double)positives * others);
    }

    /// <summary>The mean of the areas of each label against all others, over the labels for which there is one (one-vs-rest, unweighted).</summary>
    /// <param name="scores">[n,C] the score of each label for each example, row by row.</param>
    /// <param name="labels">[n] the label of each example, 0..C-1.</param>
    /// <param name="classes">C.</param>
    /// <returns>0..1, or NaN where no label has both examples and others.</returns>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    public static double OneVersusRest(ReadOnlySpan<double> scores, ReadOnlySpan<int> labels, int classes)
    {
        if ((long)labels.Length * classes != scores.Length)
            throw new ArgumentException("There must be one score for each example and label.", nameof(scores));
        var column = new double[labels.Length];
        var positive = new bool[labels.Length];
        double sum = 0;
        int counted = 0;
        for (int label = 0; label < classes; label++)
        {
            for (int row = 0; row < labels.Length; row++)
                (column[row], positive[row]) = (scores[row * classes + label], labels[row] == label);
            double area = Binary(column, positive);
            if (double.IsNaN(area))
                continue;
            sum += area;
            counted++;
        }

        return counted == 0 ? double.NaN : sum / counted;
    }
}
