using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace RnnService.Api.Models;

/// <summary>A tag of a model.</summary>
public sealed class ModelTagRow
{
    public required string Model { get; init; }

    public required string Key { get; init; }

    public required string Value { get; set; }
}

/// <summary>A tag of a version.</summary>
public sealed class VersionTagRow
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Key { get; init; }

    public required string Value { get; set; }
}

/// <summary>A metric of a version that has a value.</summary>
public sealed class VersionMetricRow
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Name { get; init; }

    public required double Value { get; set; }
}

/// <summary>Tables of what models and versions are searched by.</summary>
public sealed class NoteRowsConfiguration :
    IEntityTypeConfiguration<ModelTagRow>, IEntityTypeConfiguration<VersionTagRow>, IEntityTypeConfiguration<VersionMetricRow>
{
    public void Configure(EntityTypeBuilder<ModelTagRow> builder) => builder.ToTable("ModelTags").HasKey(tag => new { tag.Model, tag.Key });

    public void Configure(EntityTypeBuilder<VersionTagRow> builder) => builder.ToTable("ModelVersionTags").HasKey(tag => new { tag.Model, tag.Version, tag.Key });

    public void Configure(EntityTypeBuilder<VersionMetricRow> builder)
    {
        builder.ToTable("ModelVersionMetrics").HasKey(metric => new { metric.Model, metric.Version, metric.Name });
        builder.HasIndex(metric => new { metric.Name, metric.Value });
    }
}
