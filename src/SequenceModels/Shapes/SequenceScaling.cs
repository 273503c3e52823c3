namespace SequenceModels.Shapes;

/// <summary>How a model standardises what it reads and what it writes; learned from the training examples alone.</summary>
/// <param name="Input">Of the frames that are read; <c>null</c> for tokens.</param>
/// <param name="Output">Of the numbers that are predicted; <c>null</c> for tokens, and for answers of yes and no.</param>
internal sealed record SequenceScaling(Standardization? Input, Standardization? Output)
{
    public static SequenceScaling Of(SequenceTask task, IReadOnlyList<SequenceExample> examples) => new(
        task.Input.Kind == StepKind.Frames ? Standardization.Of([.. examples.Select(example => (FrameSequence)example.Input)], task.Input.Size) : null,
        task.PredictsNumbers ? Standardization.Of([.. examples.Select(example => (FrameSequence)example.Target)], task.Output.Size) : null);
}
