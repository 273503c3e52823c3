using SequenceModels.Tasks;

namespace SequenceModels.Text;

/// <summary>Cuts text into tokens of a fixed vocabulary and puts tokens together as text. Immutable, hence safe to share between threads.</summary>
public interface ITokenizer
{
    /// <summary>How text is cut.</summary>
    TokenizerKind Kind { get; }

    /// <summary>Whether text is lower-cased (invariant culture) first.</summary>
    bool LowerCase { get; }

    /// <summary>The tokens.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>Cuts a text into tokens. Never fails: what the vocabulary does not hold becomes <see cref="Vocabulary.Unknown"/>. Adds no end mark.</summary>
    /// <param name="text">Any text, also one with lone surrogates.</param>
    /// <returns>The tokens in reading order.</returns>
    int[] Encode(string text);

    /// <summary>How many tokens <see cref="Encode"/> gives, without holding them.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>Number of tokens.</returns>
    int Count(string text) => Encode(text).Length;

    /// <summary>Puts tokens together as text. Special tokens give no text.</summary>
    /// <param name="tokens">Tokens of the vocabulary.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A token is not of the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> tokens);

    /// <summary>
    /// Begins to put tokens together one at a time. With nothing preceding, all that comes out, joined, is what <see cref="Decode"/> gives;
    /// otherwise it is what goes on from the preceding text, with the space between them if one is due.
    /// </summary>
    /// <param name="preceding">The text that comes before.</param>
    /// <returns>The decoder of one text.</returns>
    ITokenDecoder CreateDecoder(string preceding = "");
}
