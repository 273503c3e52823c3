namespace SequenceModels.Baselines;

/// <summary>
/// Interpolated n-gram model over token numbers with Witten-Bell smoothing (Witten and Bell 1991; Chen and Goodman 1998, equation 17):
/// <c>p_k(w | h) = (c(h w) + T(h) p_(k-1)(w | h')) / (c(h) + T(h))</c>, where h is the context of k-1 tokens, h' the same without its first token, c counts occurrences
/// and T(h) is the number of different tokens seen after h; p_0 is uniform over the vocabulary, and an unseen context leaves p_k = p_(k-1).
/// One model holds all orders up to its own. It needs about 40 bytes for each different n-gram of any order.
/// </summary>
internal sealed class NGramModel
{
    /// <summary>Highest order.</summary>
    public const int MaximumOrder = 5;

    private readonly NGramTrie _trie = new();
    private readonly int _vocabularySize;
    private readonly int? _boundary;

    /// <summary>An empty model: all tokens are equally probable.</summary>
    /// <param name="order">Highest order of the model, 1..5.</param>
    /// <param name="vocabularySize">V, 1 or more.</param>
    /// <param name="endToken">
    /// The token that ends each sequence. It also stands for what comes before a sequence, so that contexts know its beginning. <c>null</c>: sequences neither begin nor end,
    /// they are parts of a text.
    /// </param>
    public NGramModel(int order, int vocabularySize, int? endToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, MaximumOrder);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        Order = order;
        _vocabularySize = vocabularySize;
        _boundary = endToken;
    }

    /// <summary>Highest order.</summary>
    public int Order { get; }

    /// <summary>Different n-grams of all orders: what the memory goes into.</summary>
    public int NGrams => _trie.Count - 1;

    /// <summary>Counts the n-grams of a sequence.</summary>
    /// <param name="tokens">The sequence, without end mark: the model adds it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token is not of the vocabulary.</exception>
    public void Add(ReadOnlySpan<int> tokens)
    {
        // contexts[k] is the node of the last k tokens, or none at the beginning of a text.
        Span<int> contexts = stackalloc int[Order];
        Begin(contexts, create: true);
        foreach (int token in tokens)
            Count(contexts, token);
        if (_boundary is { } end)
            Count(contexts, end);
    }

    /// <summary>Measures how well the model foretells a sequence, with each order up to its own.</summary>
    /// <param name="tokens">The sequence, without end mark: the model adds it.</param>
    /// <param name="nats">[<see cref="Order"/>] the negative log-probability of the sequence at order k is added to element k-1.</param>
    /// <returns>Tokens foretold, the end mark being one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A token is not of the vocabulary.</exception>
    public int Measure(ReadOnlySpan<int> tokens, Span<double> nats)
    {
        Span<int> contexts = stackalloc int[Order];
        Begin(contexts, create: false);
        foreach (int token in tokens)
            Foretell(contexts, token, nats);
        if (_boundary is not { } end)
            return tokens.Length;
        Foretell(contexts, end, nats);
        return tokens.Length + 1;
    }

    private void Begin(Span<int> contexts, bool create)
    {
        contexts.Fill(NGramTrie.None);
        contexts[0] = NGramTrie.Root;
        for (int k = 1; k < contexts.Length && _boundary is { } end; k++)
        {
            contexts[k] = create
                ? _trie.GetOrAdd(contexts[k - 1], end)
                : contexts[k - 1] == NGramTrie.None ? NGramTrie.None : _trie.Find(contexts[k - 1], end);
        }
    }

    private void Count(Span<int> contexts, int token)
    {
        RequireToken(token);

        // From the longest context down, so that contexts[k + 1] can take the node of contexts[k] and the token once it has been used itself.
        for (int k = contexts.Length - 1; k >= 0; k--)
        {
            if (contexts[k] == NGramTrie.None)
                continue;
            int node = _trie.CountOne(contexts[k], token);
            if (k + 1 < contexts.Length)
                contexts[k + 1] = node;
        }
    }

    private void Foretell(Span<int> contexts, int token, Span<double> nats)
    {
        RequireToken(token);
        double p = 1.0 / _vocabularySize;
        int shorter = NGramTrie.Root;
        for (int k = 0; k < contexts.Length; k++)
        {
            int context = contexts[k];
            int node = NGramTrie.None;
            if (context != NGramTrie.None && _trie.Followers(context) > 0)
            {
                node = _trie.Find(context, token);
                double followers = _trie.Followers(context);
                double occurrences = node == NGramTrie.None ? 0 : _trie.Occurrences(node);
                p = (occurrences + followers * p) / (_trie.Continuations(context) + followers);
            }

            nats[k] -= Math.Log(p);
            contexts[k] = shorter;
            shorter = node;
        }
    }

    private void RequireToken(int token) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_vocabularySize, nameof(token));
}
