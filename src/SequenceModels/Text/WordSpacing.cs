using System.Globalization;

namespace SequenceModels.Text;

/// <summary>
/// Where spaces stand between words and symbols. There is one between any two tokens, but none
/// before closing punctuation (<c>. , ; : ! ? … %</c>, closing brackets and quotation marks),
/// after opening brackets, quotation marks and <c>¿ ¡ # $ £ €</c>,
/// nor on either side of <c>- / @ _ ' ’</c>. Of straight double quotation marks the first opens, the second closes, and so on.
/// A space depends only on the tokens before it, so text can be put out word by word.
/// </summary>
internal struct WordSpacing
{
    private bool _begun;
    private bool _joinNext;
    private bool _quoteOpen;

    /// <summary>Takes the next token.</summary>
    /// <param name="token">The token's text, not empty.</param>
    /// <returns>Whether a space stands before it.</returns>
    public bool SpaceBefore(ReadOnlySpan<char> token)
    {
        var (before, after) = token.Length == 1 ? JoinsOf(token[0]) : (false, false);
        bool space = _begun && !_joinNext && !before;
        _begun = true;
        _joinNext = after;
        return space;
    }

    /// <summary>Lets the next token follow without a space: one stands there already.</summary>
    public void JoinNext() => _joinNext = true;

    private (bool Before, bool After) JoinsOf(char symbol)
    {
        switch (symbol)
        {
            case '"':
                _quoteOpen = !_quoteOpen;
                return (!_quoteOpen, _quoteOpen);
            case '.' or ',' or ';' or ':' or '!' or '?' or '…' or '%':
                return (true, false);
            case '¿' or '¡' or '#' or '$' or '£' or '€':
                return (false, true);
            case '-' or '/' or '@' or '_' or '\'' or '’':
                return (true, true);
            default:
                return char.GetUnicodeCategory(symbol) switch
                {
                    UnicodeCategory.ClosePunctuation or UnicodeCategory.FinalQuotePunctuation => (true, false),
                    UnicodeCategory.OpenPunctuation or UnicodeCategory.InitialQuotePunctuation => (false, true),
                    _ => (false, false),
                };
        }
    }
}
