using System.Text;
using SequenceModels.Data;
using SequenceModels.Text;

namespace SequenceModels.Evaluation;

/// <summary>
/// How many characters (Unicode scalar values) tokens stand for, white space between words included. A line's end mark stands for one, its line feed. Where a line was cut off, or a text is taken in parts, characters are shared out
/// evenly among the tokens: for characters as tokens that is exact.
/// </summary>
internal sealed class PassageCharacters
{
    private readonly IReadOnlyList<string>? _lines;
    private readonly ITokenizer _tokenizer;
    private readonly double _charactersOfAToken;

    public PassageCharacters(TrainingData data, ITokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        switch (data)
        {
            case TrainingData.Lines lines:
                _lines = lines.Items;
                break;
            case TrainingData.Labelled labelled:
                _lines = [.. labelled.Items.Select(item => item.Text)];
                break;
            case TrainingData.ContinuousText text:
                _charactersOfAToken = (double)Count(text.Text) / Math.Max(1, tokenizer.Count(text.Text));
                break;
            default:
                throw new ArgumentException($"There is no text in {data.GetType().Name}.", nameof(data));
        }
    }

    /// <summary>Characters of a passage's tokens.</summary>
    /// <param name="place">Which line.</param>
    /// <param name="tokens">How many of its tokens are predicted, the end mark included.</param>
    public double Of(long place, int tokens)
    {
        if (_lines is null)
            return tokens * _charactersOfAToken;
        string line = _lines[(int)place];
        int all = _tokenizer.Count(line) + 1;
        return (Count(line) + 1.0) * tokens / all;
    }

    private static long Count(string text)
    {
        long count = 0;
        foreach (Rune _ in text.EnumerateRunes())
            count++;
        return count;
    }
}
