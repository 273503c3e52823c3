using SequenceModels.Training;

namespace RnnService.Api.Models;

/// <summary>The version that another was trained from.</summary>
public sealed record VersionLineage
{
    /// <summary>Its model's name at that time.</summary>
    public required string BaseModel { get; init; }

    /// <summary>Its number.</summary>
    public required int BaseVersion { get; init; }

    /// <summary>Of its weights, lower-case hexadecimal: what it was, whatever becomes of the name.</summary>
    public required string BaseWeightsSha256 { get; init; }

    /// <summary>The data that it had learned from.</summary>
    public required DatasetIdentity BaseDataset { get; init; }

    /// <summary>What was taken over: `baseModel` (embedding and recurrent layers of a language model) or `continueFrom` (everything).</summary>
    public required BaseKind Kind { get; init; }
}
