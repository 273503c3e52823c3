namespace SequenceModels.Data;

/// <summary>A text and the label it carries.</summary>
/// <param name="Text">The text, not empty.</param>
/// <param name="Label">The label, not empty.</param>
public readonly record struct LabelledText(string Text, string Label);

/// <summary>Examples to learn from or to measure on, decoded and checked.</summary>
public abstract record TrainingData
{
    private TrainingData()
    {
    }

    /// <summary>One long text, read from its first character to its last.</summary>
    /// <param name="Text">The text.</param>
    public sealed record ContinuousText(string Text) : TrainingData;

    /// <summary>Independent sequences: each begins anew and ends with an end mark.</summary>
    /// <param name="Items">The sequences, in file order, none empty.</param>
    public sealed record Lines(IReadOnlyList<string> Items) : TrainingData;

    /// <summary>Labelled sequences.</summary>
    /// <param name="Items">The sequences and their labels, in file order.</param>
    public sealed record Labelled(IReadOnlyList<LabelledText> Items) : TrainingData;
}
