namespace SequenceModels.Sampling;

/// <summary>A token and what the model itself (temperature 1, no filters) makes of it.</summary>
/// <param name="Token">The token.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public readonly record struct TokenProbability(int Token, double LogProbability);

/// <summary>A token of a sample, and the ones that the model would have put first.</summary>
/// <param name="Token">The token that was drawn.</param>
/// <param name="LogProbability">Natural logarithm of the probability that the model itself (temperature 1, no filters) gives it.</param>
/// <param name="Top">The most probable tokens by the model, best first, of equals the lowest.</param>
public sealed record DrawnToken(int Token, double LogProbability, IReadOnlyList<TokenProbability> Top);
