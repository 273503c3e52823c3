namespace SequenceModels.Shapes;

/// <summary>What stands at the steps of one input or target. A class is a <see cref="TokenSequence"/> of one step, a vector a <see cref="FrameSequence"/> of one.</summary>
public abstract class SequenceData
{
    private protected SequenceData()
    {
    }

    /// <summary>T, number of steps.</summary>
    public abstract int Length { get; }
}
