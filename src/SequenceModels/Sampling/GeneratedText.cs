namespace SequenceModels.Sampling;

/// <summary>Why a sample ended.</summary>
public enum FinishReason
{
    /// <summary>The model put the end mark.</summary>
    EndOfSequence,

    /// <summary>It has as many tokens as were asked for.</summary>
    Length,

    /// <summary>A stop string came up.</summary>
    Stop,
}

/// <summary>One sample.</summary>
/// <param name="Text">What follows the prompt; without the stop string that ended it, if one did.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Tokens">Generated tokens; the end mark and those of a stop string count.</param>
/// <param name="LogProbability">Natural logarithm of the probability that the model itself (temperature 1, no filters) gives those tokens.</param>
/// <param name="DrawnTokens">Each generated token with those that the model would have put first; <c>null</c> unless asked for.</param>
public sealed record GeneratedText(string Text, FinishReason FinishReason, int Tokens, double LogProbability, IReadOnlyList<DrawnToken>? DrawnTokens = null);
