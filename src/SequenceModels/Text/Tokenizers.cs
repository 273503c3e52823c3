using SequenceModels.Tasks;

namespace SequenceModels.Text;

/// <summary>Makes tokenizers from texts, and writes and reads them as <c>tokenizer.json</c> (docs/file-formats.md).</summary>
public static class Tokenizers
{
    /// <summary>
    /// Takes a vocabulary from texts: special tokens, then by falling frequency, equal frequencies in ordinal order.
    /// The same texts give the same tokenizer, in whatever order they come.
    /// </summary>
    /// <param name="kind">How text is cut.</param>
    /// <param name="texts">The texts to learn from; read once.</param>
    /// <param name="lowerCase">Whether text is lower-cased (invariant culture) first.</param>
    /// <param name="minimumCount">A token seen fewer times is unknown, 1 or more.</param>
    /// <param name="withEnd">Whether the vocabulary has an end mark (language models of lines).</param>
    /// <param name="maximumVocabulary">Most tokens kept, special ones included, 3 or more; the most frequent stay.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is below its least value, or the kind is unknown.</exception>
    public static ITokenizer Build(TokenizerKind kind, IEnumerable<string> texts, bool lowerCase, int minimumCount, bool withEnd, int maximumVocabulary = TokenCounting.MaximumVocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumVocabulary, 3);
        return kind switch
        {
            TokenizerKind.Character => CharacterTokenizer.Build(texts, lowerCase, minimumCount, withEnd, maximumVocabulary),
            TokenizerKind.Word => WordTokenizer.Build(texts, lowerCase, minimumCount, withEnd, maximumVocabulary),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of tokenizer."),
        };
    }

    /// <summary>A tokenizer of the same kind with further tokens: those of a vocabulary in their order, then those that only the texts have, as <see cref="Build"/> chooses and orders them.</summary>
    /// <param name="tokenizer">The vocabulary to go on from.</param>
    /// <param name="texts">The texts to learn from; read once.</param>
    /// <param name="minimumCount">A new token seen fewer times is unknown, 1 or more.</param>
    /// <param name="withEnd">Whether the result has an end mark.</param>
    /// <param name="maximumFound">Most tokens taken from the texts, 3 or more; the most frequent are.</param>
    /// <returns>The tokenizer.</returns>
    public static ITokenizer Extend(ITokenizer tokenizer, IEnumerable<string> texts, int minimumCount, bool withEnd, int maximumFound = TokenCounting.MaximumVocabulary)
    {
        var own = tokenizer.Vocabulary;
        var found = Build(tokenizer.Kind, texts, tokenizer.LowerCase, minimumCount, withEnd: false, maximumFound).Vocabulary;
        var further = found.Tokens.Skip(found.SpecialCount).Where(token => own.IdOrUnknown(token) == Vocabulary.Unknown);
        var vocabulary = new Vocabulary([.. own.Tokens.Skip(own.SpecialCount), .. further], withEnd);
        return tokenizer.Kind == TokenizerKind.Word ? new WordTokenizer(vocabulary, tokenizer.LowerCase) : new CharacterTokenizer(vocabulary, tokenizer.LowerCase);
    }

    /// <summary>Writes a tokenizer; equal tokenizers give equal bytes.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="destination">Receives UTF-8 JSON; stays open.</param>
    public static void Save(ITokenizer tokenizer, Stream destination) => TokenizerFile.Write(tokenizer, destination);

    /// <summary>Reads a tokenizer that <see cref="Save"/> wrote, checking everything.</summary>
    /// <param name="source">UTF-8 JSON, read to its end.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="InvalidDataException">The content is not that of a tokenizer; the message names the member that is wrong.</exception>
    public static ITokenizer Load(Stream source) => TokenizerFile.Read(source);
}
