namespace SequenceModels.Training;

/// <summary>Why a run cannot go on from a checkpoint.</summary>
public enum CheckpointError
{
    /// <summary>The file is cut off or altered, or no checkpoint at all.</summary>
    Damaged,

    /// <summary>The file is of a version of the format that is not known here.</summary>
    OtherVersion,

    /// <summary>The checkpoint is that of another plan, of other data or of another seed.</summary>
    OtherRun,
}

/// <summary>A run cannot go on from a checkpoint.</summary>
public sealed class TrainingCheckpointException : Exception
{
    internal TrainingCheckpointException(CheckpointError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>Why.</summary>
    public CheckpointError Error { get; }
}
