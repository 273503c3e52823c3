namespace SequenceModels.Sampling;

/// <summary>What a model makes of one token of a text, given those before it.</summary>
/// <param name="Token">The token.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
/// <param name="Rank">1 and the number of tokens that were more probable.</param>
/// <param name="Entropy">Of the distribution that the token was one outcome of, in nats: how much surprise was to be expected.</param>
public readonly record struct TokenScore(int Token, double LogProbability, int Rank, double Entropy);

/// <summary>What a model makes of a text.</summary>
/// <param name="Tokens">Its tokens in reading order; for models of lines the end mark is the last.</param>
/// <param name="LogProbability">Natural logarithm of the probability of the whole text: the sum over its tokens.</param>
/// <param name="Perplexity">e to the power of the mean loss a token, <c>null</c> for a text without tokens.</param>
public sealed record ScoredText(IReadOnlyList<TokenScore> Tokens, double LogProbability, double? Perplexity);
