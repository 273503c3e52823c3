namespace SequenceModels.Shapes;

/// <summary>What a network is to learn from: an input and what it should give.</summary>
/// <param name="Input">What is read.</param>
/// <param name="Target">What is wanted. In targets that are not read back, a token of -1 or a number that is NaN is not known and does not count.</param>
public sealed record SequenceExample(SequenceData Input, SequenceData Target);
