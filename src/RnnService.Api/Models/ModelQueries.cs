using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>Which models are looked for. With `tag` or `metric`, one version that can be used must have all of them.</summary>
public record ModelQuery : PageQuery
{
    /// <summary>A part of the model's name: 1 to 64 characters of a-z 0-9 . _ -</summary>
    public string? Name { get; init; }

    /// <summary>What the model does.</summary>
    public TaskKind? Task { get; init; }

    /// <summary>`key`, or `key:value`, of a tag that the version or its model has. May be given up to 16 times; all must hold.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string>? Tag { get; init; }

    /// <summary>A metric of the version, one of `>=` `&lt;=` `>` `&lt;` `=`, and a number, such as `accuracy>=0.8`. May be given up to 8 times; all must hold.</summary>
    [MaxLength(8)]
    public IReadOnlyList<string>? Metric { get; init; }

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        base.Validate(problems);
        // What no name can hold would find nothing, and nobody would know why. A part may begin with any of them.
        if (Name is { } part && (part.Length is 0 or > 64 || !ResourceName.IsValid("a" + part[..Math.Min(part.Length, 63)])))
            problems.Add("name", $"must have 1 to 64 characters of a-z 0-9 . _ -; given {Problems.Quoted(part)}");
        for (int i = 0; i < (Tag?.Count ?? 0); i++)
        {
            if (Tag![i].Length == 0)
                problems.Add($"tag[{i}]", "must be a tag's key, or key:value; given \"\"");
        }

        for (int i = 0; i < (Metric?.Count ?? 0); i++)
        {
            if (MetricCondition.ParseOrNull(Metric![i]) is null)
                problems.Add($"metric[{i}]", $"{MetricCondition.Rule}; given {Problems.Quoted(Metric[i])}");
        }
    }

    internal virtual VersionFilter ToFilter() => new()
    {
        NamePart = Name,
        Task = Task,
        Tags = Tag ?? [],
        Metrics = [.. (Metric ?? []).Select(condition => MetricCondition.ParseOrNull(condition)!)],
        Status = Tag is { Count: > 0 } || Metric is { Count: > 0 } ? VersionStatus.Ready : null,
    };
}

/// <summary>Which versions are looked for, and in which order.</summary>
public sealed record VersionQuery : ModelQuery
{
    /// <summary>The whole name of the model.</summary>
    [ResourceName]
    public string? Model { get; init; }

    /// <summary>Versions that can be used, or that are damaged; `ready` if left out.</summary>
    public VersionStatus? Status { get; init; }

    /// <summary>`createdAt`, or the name of a metric: smallest first, or with a `-` before it greatest first. Versions without that metric are left out. Left out: by model and number.</summary>
    public string? Sort { get; init; }

    internal VersionOrder Order => VersionOrder.ParseOrNull(Sort) ?? VersionOrder.ByNumber;

    internal VersionPlace? Place => AfterKey is { } key ? VersionPlace.ParseOrNull(key) : null;

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        base.Validate(problems);
        if (VersionOrder.ParseOrNull(Sort) is null)
            problems.Add("sort", $"must be createdAt or the name of a metric, with or without a - before it; given {Problems.Quoted(Sort ?? "")}");
        else if (AfterKey is not null && (Place is not { } place || place.Order != Order))
            AddBadCursor(problems);
    }

    internal override VersionFilter ToFilter() => base.ToFilter() with { Model = Model, Status = Status ?? VersionStatus.Ready };
}
