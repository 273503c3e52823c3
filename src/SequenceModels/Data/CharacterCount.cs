namespace SequenceModels.Data;

/// <summary>How often a character is there.</summary>
/// <param name="Character">The character (Unicode scalar value).</param>
/// <param name="Count">How often it is there, in all texts.</param>
public sealed record CharacterCount(string Character, long Count);
