namespace SequenceModels.Text;

/// <summary>Chooses a vocabulary from token counts.</summary>
internal static class TokenCounting
{
    /// <summary>Most tokens of a vocabulary, special ones included, where nobody says otherwise.</summary>
    public const int MaximumVocabulary = 50_000;

    /// <summary>Tokens seen often enough, most frequent first, equal counts in ordinal order: the same for the same counts, in whatever order they come.</summary>
    /// <param name="counts">Each different token and how often it was seen.</param>
    /// <param name="minimumCount">Tokens seen fewer times are left out.</param>
    /// <param name="maximum">At most so many tokens are kept.</param>
    public static IEnumerable<string> Choose(IEnumerable<KeyValuePair<string, long>> counts, int minimumCount, int maximum) =>
        counts.Where(pair => pair.Value >= minimumCount)
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(maximum)
            .Select(pair => pair.Key);
}
