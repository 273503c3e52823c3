using RnnService.Api.Storage;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>Which versions are looked for. Everything that is given must hold of one and the same version.</summary>
internal sealed record VersionFilter
{
    /// <summary>A part of the model's name.</summary>
    public string? NamePart { get; init; }

    /// <summary>The model's whole name.</summary>
    public string? Model { get; init; }

    public TaskKind? Task { get; init; }

    public VersionStatus? Status { get; init; }

    /// <summary>Each <c>key</c> or <c>key:value</c> of a tag that the version or its model has.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<MetricCondition> Metrics { get; init; } = [];

    /// <summary>The versions that are let through, in no order. All of it is done by the database.</summary>
    public IQueryable<ModelVersionRow> Of(ServiceDbContext database)
    {
        IQueryable<ModelVersionRow> versions = database.Set<ModelVersionRow>();
        if (Model is { } model)
            versions = versions.Where(version => version.Model == model);
        if (NamePart is { } part)
            versions = versions.Where(version => version.Model.Contains(part));
        if (Task is { } task)
            versions = versions.Where(version => version.Task == task);
        if (Status == VersionStatus.Ready)
            versions = versions.Where(version => version.DamagedFile == null);
        if (Status == VersionStatus.Damaged)
            versions = versions.Where(version => version.DamagedFile != null);
        foreach (string tag in Tags)
        {
            versions = versions.Where(version =>
                version.Tags.Any(own => own.Key == tag || own.Key + ":" + own.Value == tag)
                || database.Set<ModelTagRow>().Any(own => own.Model == version.Model && (own.Key == tag || own.Key + ":" + own.Value == tag)));
        }

        return Metrics.Aggregate(versions, (found, condition) => condition.Of(found));
    }
}
