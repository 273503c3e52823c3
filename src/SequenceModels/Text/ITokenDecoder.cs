using System.Buffers;

namespace SequenceModels.Text;

/// <summary>Puts the tokens of one text together as they arrive. Holds the state of that text: not to be shared.</summary>
public interface ITokenDecoder
{
    /// <summary>Appends what the next token adds to the text: whole code points only, and nothing for a special token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="text">Receives the text.</param>
    /// <exception cref="ArgumentOutOfRangeException">The token is not of the vocabulary.</exception>
    void Append(int token, IBufferWriter<char> text);
}
