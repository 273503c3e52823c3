namespace SequenceModels.Tasks;

/// <summary>What a classifier says of one text.</summary>
/// <param name="Label">The most probable label.</param>
/// <param name="Probability">Its probability.</param>
/// <param name="Probabilities">The probability of every label, in the order of the model's labels.</param>
/// <param name="Tokens">Tokens of the text that were read.</param>
/// <param name="UnknownTokens">How many of them the vocabulary does not have.</param>
/// <param name="Truncated">Whether the text is longer than what was read.</param>
public sealed record Classification(
    string Label, double Probability, IReadOnlyDictionary<string, double> Probabilities, int Tokens, int UnknownTokens, bool Truncated);
