using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>What became of a dataset that was to be kept.</summary>
public enum KeepStatus
{
    /// <summary>It is there now.</summary>
    Created,

    /// <summary>It was there before, with the same content and read in the same way.</summary>
    Same,

    /// <summary>Its name belongs to other content, or to the same content read in another way.</summary>
    NameTaken,

    /// <summary>It has faults and was not kept.</summary>
    Faulty,
}

/// <summary>The outcome of keeping a dataset.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Hold">The dataset, held; null unless it is there. To be disposed by the caller.</param>
/// <param name="Faults">The first faults where it is faulty.</param>
/// <param name="FaultCount">How many faults there are in all.</param>
public sealed record KeepOutcome(KeepStatus Status, DatasetHold? Hold, IReadOnlyList<DatasetFault> Faults, long FaultCount) : IDisposable
{
    /// <summary>The dataset; null unless it is there.</summary>
    public Dataset? Dataset => Hold?.Dataset;

    /// <inheritdoc/>
    public void Dispose() => Hold?.Dispose();
}

/// <summary>What became of a dataset that was to be deleted.</summary>
public enum DeleteStatus
{
    /// <summary>It is gone.</summary>
    Deleted,

    /// <summary>There is none of that name.</summary>
    Unknown,

    /// <summary>It is part of the service.</summary>
    BuiltIn,

    /// <summary>Somebody needs it.</summary>
    Needed,
}

/// <summary>The outcome of deleting a dataset.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="NeededBy">Who needs it, where somebody does.</param>
public readonly record struct DeleteOutcome(DeleteStatus Status, string? NeededBy = null);
