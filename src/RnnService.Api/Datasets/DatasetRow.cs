using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace RnnService.Api.Datasets;

/// <summary>A dataset in the index, which is rebuilt from the manifests at every start.</summary>
public sealed class DatasetRow
{
    public required string Name { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>The text of the <see cref="DatasetManifest"/>.</summary>
    public required string ManifestJson { get; init; }
}

/// <summary>The table of datasets.</summary>
public sealed class DatasetRowConfiguration : IEntityTypeConfiguration<DatasetRow>
{
    public void Configure(EntityTypeBuilder<DatasetRow> builder)
    {
        builder.ToTable("Datasets").HasKey(dataset => dataset.Name);
        builder.HasIndex(dataset => dataset.Sha256);
    }
}
