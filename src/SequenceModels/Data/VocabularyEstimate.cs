using SequenceModels.Text;

namespace SequenceModels.Data;

/// <summary>Estimates what a vocabulary chosen from counted tokens would not hold of new text.</summary>
internal static class VocabularyEstimate
{
    /// <summary>
    /// The share of the tokens of new text that are unknown. With N_r different tokens seen r times, those seen r times make up (r+1) N_(r+1) / N of new text (Good 1953); the
    /// unknown are those seen less than m times: the sum of r N_r / N for r from 1 to m.
    /// </summary>
    /// <param name="counts">How often each different token is there, or each of a sample of them.</param>
    /// <param name="spacing">How many different tokens each of these stands for.</param>
    /// <param name="total">N, the number of all tokens; not 0.</param>
    /// <param name="minimumCount">m, the least count of a token of the vocabulary; more where the vocabulary would otherwise be too large.</param>
    public static double UnknownShare(IEnumerable<long> counts, long spacing, long total, int minimumCount)
    {
        long[] ascending = [.. counts.Order()];
        var most = (TokenCounting.MaximumVocabulary - 1) / spacing;
        var least = ascending.Length > most ? Math.Max(minimumCount, ascending[^(int)most]) : minimumCount;
        var rare = ascending.TakeWhile(count => count <= least).Sum();
        return Math.Min(1, (double)rare * spacing / total);
    }
}
