namespace SequenceModels.Shapes;

/// <summary>A sequence of tokens that a decoder wrote.</summary>
/// <param name="Tokens">The tokens, without the end.</param>
/// <param name="LogProbability">Natural logarithm of the probability that the model gives them and, if it came, the end.</param>
/// <param name="Ended">Whether the end came; otherwise the sequence was cut off at the greatest length.</param>
public sealed record GeneratedTokens(TokenSequence Tokens, double LogProbability, bool Ended);
