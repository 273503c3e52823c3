using RnnService.Api.Models;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>The version that a job starts from: found by its name and number, and known again by its weights.</summary>
public sealed record JobBase
{
    /// <summary>What is taken over: `baseModel` (embedding and recurrent layers of a language model) or `continueFrom` (everything).</summary>
    public required BaseKind Kind { get; init; }

    /// <summary>Names the version wherever a model reference is read.</summary>
    public required string Reference { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The version's number.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of its weights, lower-case hexadecimal.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>The data that it has learned from.</summary>
    public required DatasetIdentity Dataset { get; init; }

    /// <summary>Tokens of its vocabulary, all of which are kept.</summary>
    public required int TokensKept { get; init; }

    /// <summary>Tokens of the data that were added, with embeddings that begin at random.</summary>
    public required int TokensAdded { get; init; }

    /// <summary>Tokens of the data to learn from that stay unknown, each occurrence counted.</summary>
    public required long UnknownTokens { get; init; }

    internal VersionLineage ToLineage() => new() { BaseModel = Model, BaseVersion = Version, BaseWeightsSha256 = WeightsSha256, BaseDataset = Dataset, Kind = Kind };
}
