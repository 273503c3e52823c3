namespace SequenceModels.Training;

/// <summary>A choice that a request left open, and why it fell as it did.</summary>
/// <param name="Member">The member, as <c>architecture.hiddenSize</c> or <c>training.epochs</c>.</param>
/// <param name="Value">What was chosen: a number, a flag, or a value of an enumeration.</param>
/// <param name="Reason">Why, in words that name the data's numbers where they decided.</param>
public sealed record AutomaticChoice(string Member, object Value, string Reason);
