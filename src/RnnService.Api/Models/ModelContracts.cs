using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using RnnService.Api.Hosting;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>A model: a name for versions.</summary>
/// <param name="Name">The name.</param>
/// <param name="Task">What all its versions do; null only where no version can be read.</param>
/// <param name="Description">What people say of it; null: nothing.</param>
/// <param name="Tags">Its tags, which are not those of its versions.</param>
/// <param name="Versions">Its versions, ascending.</param>
/// <param name="Aliases">Names for versions; `latest` is always the highest version that exists.</param>
public sealed record ModelResponse(
    string Name, TaskKind? Task, string? Description, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<VersionResponse> Versions, IReadOnlyDictionary<string, int> Aliases)
{
    internal static ModelResponse Of(ModelState model) =>
        new(model.Name, model.Task, model.Notes.Description, model.Notes.Tags, [.. model.Versions.Select(VersionResponse.Of)], model.Aliases);
}

/// <summary>Whether a version can be used.</summary>
public enum VersionStatus
{
    Ready,
    Damaged,
}

/// <summary>A version in a list.</summary>
public sealed record VersionResponse
{
    /// <summary>The name of its model.</summary>
    public required string Model { get; init; }

    /// <summary>Its number.</summary>
    public required int Version { get; init; }

    /// <summary>Names the version wherever a model reference is read.</summary>
    public required string Reference { get; init; }

    /// <summary>What it does; null only where its manifest cannot be read.</summary>
    public required TaskKind? Task { get; init; }

    /// <summary>Whether it can be used: `damaged` where a file is not what the manifest says.</summary>
    public required VersionStatus Status { get; init; }

    /// <summary>What is damaged; null where nothing is.</summary>
    public required DamageResponse? Damage { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The job that made it, of another service where it was imported.</summary>
    public required string? JobId { get; init; }

    /// <summary>When it was imported; null where a job of this service made it.</summary>
    public required DateTimeOffset? ImportedAt { get; init; }

    /// <summary>What people say of it; null: nothing.</summary>
    public required string? Description { get; init; }

    /// <summary>Its tags, at first those of its job.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>Trained values, all tensors together.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of all its files.</summary>
    public required long Bytes { get; init; }

    /// <summary>Measured on the validation data.</summary>
    public required IReadOnlyDictionary<string, double?> Metrics { get; init; }

    internal static VersionResponse Of(ModelVersionRow row) => new()
    {
        Model = row.Model,
        Version = row.Version,
        Reference = new ModelReference(row.Model, row.Version, null).ToString(),
        Task = row.Task,
        Status = row.DamagedFile is null ? VersionStatus.Ready : VersionStatus.Damaged,
        Damage = row.DamagedFile is { } file ? new DamageResponse(file, row.Damage ?? "") : null,
        CreatedAt = row.CreatedAt,
        JobId = row.JobId,
        ImportedAt = row.ImportedAt,
        Description = row.Description,
        Tags = Notes.Of(row).Tags,
        Parameters = row.Parameters,
        Bytes = row.Bytes,
        Metrics = JsonSerializer.Deserialize<Dictionary<string, double?>>(row.MetricsJson, ManifestJson.Options) ?? [],
    };
}

/// <summary>What is wrong with a version.</summary>
/// <param name="File">The damaged file.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record DamageResponse(string File, string Reason);

/// <summary>Where an alias is to point.</summary>
public sealed record AliasRequest : IRequestContract
{
    /// <summary>A version of the model.</summary>
    [Range(1, int.MaxValue)]
    public required int Version { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
    }
}
