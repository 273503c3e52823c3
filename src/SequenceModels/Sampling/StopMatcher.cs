namespace SequenceModels.Sampling;

/// <summary>Finds stop strings in a text that grows at its end.</summary>
internal sealed class StopMatcher(IReadOnlyList<string> stops)
{
    // An array: going over an interface would allocate an enumerator a token.
    private readonly string[] _stops = [.. stops];
    private readonly int _longest = stops.Count == 0 ? 0 : stops.Max(stop => stop.Length);

    /// <summary>Where the earliest stop string begins, or <c>null</c>.</summary>
    /// <param name="text">The text; up to <paramref name="searched"/> it holds no stop string.</param>
    /// <param name="searched">Length of the text when it was last searched.</param>
    public int? FindOrNull(ReadOnlySpan<char> text, int searched)
    {
        // A stop string may have begun before the new part.
        int start = Math.Max(0, searched - _longest + 1);
        int? earliest = null;
        foreach (string stop in _stops)
        {
            int found = text[start..].IndexOf(stop);
            if (found >= 0 && !(earliest <= start + found))
                earliest = start + found;
        }

        return earliest;
    }

    /// <summary>Length of the text's longest ending that a stop string could begin with: not to be shown until it is known to be none.</summary>
    /// <param name="text">A text without a stop string.</param>
    public int PossibleBeginning(ReadOnlySpan<char> text)
    {
        int longest = 0;
        foreach (string stop in _stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.EndsWith(stop.AsSpan(0, length)))
                    longest = length;
            }
        }

        return longest;
    }
}
