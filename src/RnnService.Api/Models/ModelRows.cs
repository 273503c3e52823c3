using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>A model name that has or had versions. The row outlives its versions, because their numbers are never used again.</summary>
public sealed class ModelRow
{
    public required string Name { get; init; }

    /// <summary>The highest version number ever given.</summary>
    public int LastVersion { get; set; }

    /// <summary>What people say of the model; null: nothing.</summary>
    public string? Description { get; set; }

    public List<ModelTagRow> Tags { get; init; } = [];

    /// <summary>Forgets what was said of a model that has no version any more: another one of this name begins anew.</summary>
    public void ForgetNotes()
    {
        Description = null;
        Tags.Clear();
    }
}

/// <summary>Index entry of one version folder.</summary>
public sealed class ModelVersionRow
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    /// <summary><c>null</c> when the manifest cannot be read. Where <see cref="ImportedAt"/> is given, the job is none that made this version here.</summary>
    public string? JobId { get; set; }

    /// <summary>When it was imported; <c>null</c> when a job of this service made it.</summary>
    public DateTimeOffset? ImportedAt { get; set; }

    /// <summary>Of the manifest when it was first read: no file says what it must be. <c>null</c> when it never could be read.</summary>
    public string? ManifestSha256 { get; set; }

    public TaskKind? Task { get; set; }

    public DateTimeOffset? CreatedAt { get; set; }

    public long Parameters { get; set; }

    public long Bytes { get; set; }

    /// <summary>The manifest's metrics as JSON.</summary>
    public string MetricsJson { get; set; } = "{}";

    /// <summary>Sizes and times of the files when they were last verified: unchanged ones need no second look.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>The file that is damaged; <c>null</c> when the version is whole.</summary>
    public string? DamagedFile { get; set; }

    /// <summary>What is wrong with <see cref="DamagedFile"/>.</summary>
    public string? Damage { get; set; }

    /// <summary>What people say of the version; null: nothing.</summary>
    public string? Description { get; set; }

    /// <summary>At first those of its manifest; loaded only where they are asked for.</summary>
    public List<VersionTagRow> Tags { get; init; } = [];

    /// <summary>The metrics once more, to search by; loaded only where they are written.</summary>
    public List<VersionMetricRow> Metrics { get; init; } = [];
}

/// <summary>A name for a version that can be moved. <c>latest</c> is never a row: it is computed.</summary>
public sealed class ModelAliasRow
{
    public required string Model { get; init; }

    public required string Alias { get; init; }

    public int Version { get; set; }
}

/// <summary>Tables of the registry.</summary>
public sealed class ModelRowsConfiguration :
    IEntityTypeConfiguration<ModelRow>, IEntityTypeConfiguration<ModelVersionRow>, IEntityTypeConfiguration<ModelAliasRow>
{
    public void Configure(EntityTypeBuilder<ModelRow> builder)
    {
        builder.ToTable("Models").HasKey(model => model.Name);
        builder.Property(model => model.Name).HasMaxLength(64);
        builder.HasMany(model => model.Tags).WithOne().HasForeignKey(tag => tag.Model).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ModelVersionRow> builder)
    {
        builder.ToTable("ModelVersions").HasKey(version => new { version.Model, version.Version });
        builder.Property(version => version.Model).HasMaxLength(64);
        builder.HasIndex(version => version.JobId);
        builder.HasMany(version => version.Tags).WithOne().HasForeignKey(tag => new { tag.Model, tag.Version }).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(version => version.Metrics).WithOne().HasForeignKey(metric => new { metric.Model, metric.Version }).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ModelAliasRow> builder)
    {
        builder.ToTable("ModelAliases").HasKey(alias => new { alias.Model, alias.Alias });
        builder.Property(alias => alias.Model).HasMaxLength(64);
        builder.Property(alias => alias.Alias).HasMaxLength(64);
    }
}
