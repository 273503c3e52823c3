namespace SequenceModels.Shapes;

/// <summary>What stands at a step.</summary>
/// <param name="Kind">Tokens or frames.</param>
/// <param name="Size">Number of different tokens, or numbers of a frame; 1..1,000,000.</param>
public sealed record SequenceFormat(StepKind Kind, int Size)
{
    /// <summary>Greatest size.</summary>
    public const int MaximumSize = 1_000_000;

    /// <summary>Tokens, classes or labels.</summary>
    /// <param name="count">V, how many there are.</param>
    public static SequenceFormat Tokens(int count) => new(StepKind.Tokens, count);

    /// <summary>Frames or vectors.</summary>
    /// <param name="features">F, numbers of a frame.</param>
    public static SequenceFormat Frames(int features) => new(StepKind.Frames, features);
}
