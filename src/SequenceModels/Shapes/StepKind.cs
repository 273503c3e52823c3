namespace SequenceModels.Shapes;

/// <summary>What a step of a sequence is.</summary>
public enum StepKind
{
    /// <summary>One of a number of tokens, classes or labels.</summary>
    Tokens,

    /// <summary>A vector of numbers.</summary>
    Frames,
}
