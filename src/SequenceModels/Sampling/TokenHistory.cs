using System.Runtime.InteropServices;

namespace SequenceModels.Sampling;

/// <summary>How often each token stands in a text so far, for the penalties.</summary>
internal sealed class TokenHistory
{
    private readonly Dictionary<int, int> _counts = [];

    /// <summary>Counts one more token.</summary>
    /// <param name="token">The token.</param>
    public void Add(int token) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _)++;

    /// <summary>The different tokens and how often each was seen.</summary>
    internal Dictionary<int, int> Counts => _counts;
}
