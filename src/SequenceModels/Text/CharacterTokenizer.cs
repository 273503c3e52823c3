using System.Buffers;
using System.Text;
using SequenceModels.Tasks;

namespace SequenceModels.Text;

/// <summary>One token a Unicode scalar value. A lone surrogate, which is no scalar value, reads as U+FFFD.</summary>
internal sealed class CharacterTokenizer : ITokenizer
{
    private const int ScalarValues = 0x110000;
    private const int PageSize = 256;

    // Token by scalar value in pages; most pages are the one shared page of unknowns.
    private static readonly int[] UnknownPage = new int[PageSize];
    private readonly int[][] _pages;

    /// <summary>A tokenizer of a known vocabulary.</summary>
    /// <param name="vocabulary">Its ordinary tokens are one Unicode scalar value each.</param>
    /// <param name="lowerCase">Whether text is lower-cased first.</param>
    /// <exception cref="ArgumentException">A token is not one scalar value.</exception>
    public CharacterTokenizer(Vocabulary vocabulary, bool lowerCase)
    {
        Vocabulary = vocabulary;
        LowerCase = lowerCase;
        _pages = new int[ScalarValues / PageSize][];
        Array.Fill(_pages, UnknownPage);
        for (int id = vocabulary.SpecialCount; id < vocabulary.Count; id++)
        {
            string token = vocabulary.Tokens[id];
            if (Rune.DecodeFromUtf16(token, out var rune, out int length) != OperationStatus.Done || length != token.Length)
                throw new ArgumentException($"Token {id} is not one character (Unicode scalar value).", nameof(vocabulary));
            ref int[] page = ref _pages[rune.Value / PageSize];
            if (page == UnknownPage)
                page = new int[PageSize];
            page[rune.Value % PageSize] = id;
        }
    }

    /// <inheritdoc/>
    public TokenizerKind Kind => TokenizerKind.Character;

    /// <inheritdoc/>
    public bool LowerCase { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <summary>Takes the vocabulary from texts.</summary>
    /// <param name="texts">The texts to learn from.</param>
    /// <param name="lowerCase">Whether text is lower-cased first.</param>
    /// <param name="minimumCount">A character seen fewer times is unknown.</param>
    /// <param name="withEnd">Whether the vocabulary has an end mark.</param>
    /// <param name="maximumVocabulary">Most tokens kept, special ones included.</param>
    /// <returns>The tokenizer.</returns>
    public static CharacterTokenizer Build(IEnumerable<string> texts, bool lowerCase, int minimumCount, bool withEnd, int maximumVocabulary)
    {
        var counts = new long[ScalarValues];
        foreach (string text in texts)
        {
            for (int i = 0; i < text.Length;)
                counts[NextScalar(text, ref i, lowerCase)]++;
        }

        var seen = Enumerable.Range(0, ScalarValues).Where(scalar => counts[scalar] > 0)
            .Select(scalar => KeyValuePair.Create(char.ConvertFromUtf32(scalar), counts[scalar]));
        var tokens = TokenCounting.Choose(seen, minimumCount, maximumVocabulary - (withEnd ? 2 : 1));
        return new CharacterTokenizer(new Vocabulary(tokens, withEnd), lowerCase);
    }

    /// <inheritdoc/>
    public int[] Encode(string text)
    {
        var tokens = new int[CountScalars(text)];
        int count = 0;
        for (int i = 0; i < text.Length;)
        {
            int scalar = NextScalar(text, ref i, LowerCase);
            tokens[count++] = _pages[scalar / PageSize][scalar % PageSize];
        }

        return tokens;
    }

    /// <inheritdoc/>
    public int Count(string text) => CountScalars(text);

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new StringBuilder(tokens.Length);
        foreach (int token in tokens)
            text.Append(TextOf(token));
        return text.ToString();
    }

    /// <inheritdoc/>
    public ITokenDecoder CreateDecoder(string preceding = "") => new Decoder(this);

    private static int CountScalars(string text)
    {
        int count = text.Length;
        for (int i = 1; i < text.Length; i++)
        {
            if (char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]))
                count--;
        }

        return count;
    }

    private static int NextScalar(string text, ref int index, bool lowerCase)
    {
        int scalar = text[index++];
        if (scalar is >= 0xD800 and <= 0xDFFF)
        {
            if (scalar < 0xDC00 && index < text.Length && char.IsLowSurrogate(text[index]))
                scalar = char.ConvertToUtf32((char)scalar, text[index++]);
            else
                scalar = Rune.ReplacementChar.Value;
        }

        if (!lowerCase)
            return scalar;
        if (scalar < 0x80)
            return scalar is >= 'A' and <= 'Z' ? scalar + ('a' - 'A') : scalar;
        return Rune.ToLowerInvariant(new Rune(scalar)).Value;
    }

    private string TextOf(int token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)Vocabulary.Count, nameof(token));
        return Vocabulary.IsSpecial(token) ? "" : Vocabulary.Tokens[token];
    }

    private sealed class Decoder(CharacterTokenizer tokenizer) : ITokenDecoder
    {
        public void Append(int token, IBufferWriter<char> text) => text.Write(tokenizer.TextOf(token));
    }
}
