using System.Buffers;
using System.Runtime.InteropServices;
using SequenceModels.Tasks;

namespace SequenceModels.Text;

/// <summary>
/// One token a word, number or symbol, as <see cref="Pattern"/> says; whatever it does not match (white space, control characters) separates tokens and is lost.
/// Words are letters with their marks and may hold inner apostrophes ("don't"); numbers may hold inner points and commas ("3.14"); every punctuation mark,
/// symbol and character outside the basic plane stands alone. A lone surrogate reads as U+FFFD. <see cref="Decode"/> puts spaces back as
/// <see cref="WordSpacing"/> says.
/// </summary>
internal sealed class WordTokenizer : ITokenizer
{
    /// <summary>What a token is. Runs are bounded, so that no text can make a huge token: what is longer goes on in the next token.</summary>
    public const string Pattern =
        @"[\p{L}\p{M}]{1,64}(?:['\u2019][\p{L}\p{M}]{1,64}){0,2}|\p{Nd}{1,64}(?:[.,]\p{Nd}{1,64}){0,3}|[\p{P}\p{S}\p{Nl}\p{No}]|[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]";

    // Longest match of the pattern: 64 + 3 x 65 characters.
    private const int LongestToken = 259;

    /// <summary>A tokenizer of a known vocabulary.</summary>
    /// <param name="vocabulary">Its ordinary tokens each match <see cref="Pattern"/> as a whole.</param>
    /// <param name="lowerCase">Whether text is lower-cased first.</param>
    /// <exception cref="ArgumentException">A token does not match the pattern.</exception>
    public WordTokenizer(Vocabulary vocabulary, bool lowerCase)
    {
        for (int id = vocabulary.SpecialCount; id < vocabulary.Count; id++)
        {
            if (!IsToken(vocabulary.Tokens[id]))
                throw new ArgumentException($"Token {id} is not one word, number or symbol.", nameof(vocabulary));
        }

        Vocabulary = vocabulary;
        LowerCase = lowerCase;
    }

    /// <inheritdoc/>
    public TokenizerKind Kind => TokenizerKind.Word;

    /// <inheritdoc/>
    public bool LowerCase { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <summary>Takes the vocabulary from texts.</summary>
    /// <param name="texts">The texts to learn from.</param>
    /// <param name="lowerCase">Whether text is lower-cased first.</param>
    /// <param name="minimumCount">A word seen fewer times is unknown.</param>
    /// <param name="withEnd">Whether the vocabulary has an end mark.</param>
    /// <param name="maximumVocabulary">Most tokens kept, special ones included.</param>
    /// <returns>The tokenizer.</returns>
    public static WordTokenizer Build(IEnumerable<string> texts, bool lowerCase, int minimumCount, bool withEnd, int maximumVocabulary)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var countsBySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> lower = stackalloc char[LongestToken];
        foreach (string text in texts)
        {
            int index = 0;
            while (WordScanner.Next(text, ref index) is { IsEmpty: false } token)
                CollectionsMarshal.GetValueRefOrAddDefault(countsBySpan, Normalize(token, lowerCase, lower), out _)++;
        }

        var tokens = TokenCounting.Choose(counts, minimumCount, maximumVocabulary - (withEnd ? 2 : 1));
        return new WordTokenizer(new Vocabulary(tokens, withEnd), lowerCase);
    }

    /// <inheritdoc/>
    public int[] Encode(string text)
    {
        var tokens = new List<int>(text.Length / 5 + 1);
        Span<char> lower = stackalloc char[LongestToken];
        int index = 0;
        while (WordScanner.Next(text, ref index) is { IsEmpty: false } token)
            tokens.Add(Vocabulary.IdOrUnknown(Normalize(token, LowerCase, lower)));
        return [.. tokens];
    }

    /// <inheritdoc/>
    public int Count(string text)
    {
        int count = 0, index = 0;
        while (!WordScanner.Next(text, ref index).IsEmpty)
            count++;
        return count;
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new ArrayBufferWriter<char>();
        var decoder = CreateDecoder();
        foreach (int token in tokens)
            decoder.Append(token, text);
        return text.WrittenSpan.ToString();
    }

    /// <inheritdoc/>
    public ITokenDecoder CreateDecoder(string preceding = "")
    {
        var spacing = new WordSpacing();
        int index = 0;
        while (WordScanner.Next(preceding, ref index) is { IsEmpty: false } token)
            spacing.SpaceBefore(token);
        if (preceding.Length > 0 && char.IsWhiteSpace(preceding[^1]))
            spacing.JoinNext();
        return new Decoder(Vocabulary, spacing);
    }

    private static bool IsToken(string text)
    {
        int index = 0;
        int length = WordScanner.Next(text, ref index).Length;
        return length == text.Length && !(length == 1 && char.IsSurrogate(text[0]));
    }

    private static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> token, bool lowerCase, Span<char> lower)
    {
        if (token.Length == 1 && char.IsSurrogate(token[0]))
            return "\uFFFD";
        if (!lowerCase)
            return token;
        int length = token.ToLowerInvariant(lower);
        return lower[..length];
    }

    private sealed class Decoder(Vocabulary vocabulary, WordSpacing spacing) : ITokenDecoder
    {
        private WordSpacing _spacing = spacing;

        public void Append(int token, IBufferWriter<char> text)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)vocabulary.Count, nameof(token));
            if (vocabulary.IsSpecial(token))
                return;
            string word = vocabulary.Tokens[token];
            if (_spacing.SpaceBefore(word))
                text.Write(" ");
            text.Write(word);
        }
    }
}
