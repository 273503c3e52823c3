namespace SequenceModels.Text;

/// <summary>
/// The tokens a model knows, numbered 0..<see cref="Count"/>-1. Token 0 is always the unknown token; token 1 is the end mark where there is one.
/// The ordinary tokens follow.
/// </summary>
public sealed class Vocabulary
{
    /// <summary>The token of everything that the vocabulary does not hold.</summary>
    public const int Unknown = 0;

    /// <summary>Display form of the unknown token.</summary>
    public const string UnknownName = "<unknown>";

    /// <summary>Display form of the end mark.</summary>
    public const string EndName = "<end>";

    private readonly string[] _tokens;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;

    /// <summary>Numbers the special tokens, then <paramref name="tokens"/> in the order given.</summary>
    /// <param name="tokens">The ordinary tokens, none empty, all different.</param>
    /// <param name="withEnd">Whether token 1 is an end mark.</param>
    /// <exception cref="ArgumentException">A token is empty or stands twice.</exception>
    public Vocabulary(IEnumerable<string> tokens, bool withEnd)
    {
        End = withEnd ? 1 : null;
        SpecialCount = withEnd ? 2 : 1;
        _tokens = withEnd ? [UnknownName, EndName, .. tokens] : [UnknownName, .. tokens];
        _ids = new Dictionary<string, int>(_tokens.Length, StringComparer.Ordinal);
        for (int id = SpecialCount; id < _tokens.Length; id++)
        {
            if (_tokens[id].Length == 0)
                throw new ArgumentException($"Token {id} is empty.", nameof(tokens));
            if (!_ids.TryAdd(_tokens[id], id))
                throw new ArgumentException($"Token '{_tokens[id]}' stands twice.", nameof(tokens));
        }

        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The mark that ends a sequence, or <c>null</c>: only language models of lines have one.</summary>
    public int? End { get; }

    /// <summary>V, the number of tokens, special ones included.</summary>
    public int Count => _tokens.Length;

    /// <summary>Number of special tokens; the ordinary ones begin here.</summary>
    public int SpecialCount { get; }

    /// <summary>The tokens by number, in display form.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>Whether a token stands for no text of its own.</summary>
    /// <param name="token">The token, 0..<see cref="Count"/>-1.</param>
    /// <returns>True for the unknown token and the end mark.</returns>
    public bool IsSpecial(int token) => token < SpecialCount;

    /// <summary>The number of an ordinary token. Text never reaches the special ones, whatever it says.</summary>
    /// <param name="token">The token's text.</param>
    /// <returns>Its number, or <see cref="Unknown"/>.</returns>
    public int IdOrUnknown(ReadOnlySpan<char> token) => _idsBySpan.TryGetValue(token, out int id) ? id : Unknown;
}
