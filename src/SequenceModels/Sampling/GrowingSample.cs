using System.Buffers;
using SequenceModels.Text;

namespace SequenceModels.Sampling;

/// <summary>One sample while it is being drawn.</summary>
internal sealed class GrowingSample(int choice, ITokenDecoder decoder, StopMatcher stops, SamplingSettings settings, Action<int, string>? onText)
{
    private readonly ArrayBufferWriter<char> _text = new(256);
    private readonly List<DrawnToken>? _drawn = settings.LogProbabilities is null ? null : [];
    private int _length;
    private int _shown;
    private int _tokens;
    private double _logProbability;

    /// <summary>Tokens of the prompt and the sample so far.</summary>
    public TokenHistory History { get; } = new();

    /// <summary>Why the sample ended, or <c>null</c> while it goes on.</summary>
    public FinishReason? Finished { get; private set; }

    /// <summary>Takes a drawn token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="isEnd">Whether it is the end mark.</param>
    /// <param name="logits">[V] what the model gave.</param>
    public void Add(int token, bool isEnd, ReadOnlySpan<float> logits)
    {
        double logProbability = SamplingMath.LogProbability(logits, token);
        _drawn?.Add(new DrawnToken(token, logProbability, LogitStatistics.Top(logits, settings.LogProbabilities ?? 0)));
        _tokens++;
        _logProbability += logProbability;
        if (isEnd)
        {
            Finish(FinishReason.EndOfSequence);
            return;
        }

        History.Add(token);
        int searched = _length;
        decoder.Append(token, _text);
        _length = _text.WrittenCount;
        if (stops.FindOrNull(_text.WrittenSpan, searched) is { } match)
        {
            _length = match;
            Finish(FinishReason.Stop);
        }
        else if (_tokens == settings.MaxTokens)
        {
            Finish(FinishReason.Length);
        }
        else if (onText is not null)
        {
            Show(_length - stops.PossibleBeginning(_text.WrittenSpan));
        }
    }

    /// <summary>The finished sample.</summary>
    public GeneratedText Result() => new(_text.WrittenSpan[.._length].ToString(), Finished!.Value, _tokens, _logProbability, _drawn);

    private void Finish(FinishReason reason)
    {
        Finished = reason;
        Show(_length);
    }

    private void Show(int end)
    {
        if (onText is null || end <= _shown)
            return;
        onText(choice, _text.WrittenSpan[_shown..end].ToString());
        _shown = end;
    }
}
