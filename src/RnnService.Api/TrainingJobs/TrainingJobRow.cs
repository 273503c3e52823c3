using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>A training job. What was chosen never changes; status, progress and outcome do.</summary>
public sealed class TrainingJobRow
{
    /// <summary>Grows with every job: the order of the list, and of the queue among equal priorities.</summary>
    public long Sequence { get; init; }

    /// <summary>The name in the API: nothing can be told from it.</summary>
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required TaskKind Task { get; init; }

    public required JobStatus Status { get; set; }

    /// <summary>Why the job is paused, as a sentence; <c>null</c> in every other status.</summary>
    public string? StatusReason { get; set; }

    /// <summary>Whether a paused job goes on as soon as there is room on the disk.</summary>
    public bool ResumesByItself { get; set; }

    /// <summary>Of those that wait, the highest runs first.</summary>
    public int Priority { get; init; }

    /// <summary>How much there is to compute, as <see cref="WaitingJobs.WorkOf"/>.</summary>
    public double Work { get; init; }

    /// <summary>Seconds after which its training ends; <c>null</c>: it has no limit.</summary>
    public int? MaxSeconds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public required string DatasetSha256 { get; init; }

    /// <summary>The hash of the validation dataset, where there is one of its own.</summary>
    public string? ValidationSha256 { get; init; }

    /// <summary>A <see cref="JobPlan"/>.</summary>
    public required string PlanJson { get; init; }

    /// <summary>A <see cref="ProgressResponse"/>.</summary>
    public required string ProgressJson { get; set; }

    /// <summary>A <see cref="JobResultResponse"/>.</summary>
    public string? ResultJson { get; set; }

    /// <summary>A <see cref="JobError"/>.</summary>
    public string? ErrorJson { get; set; }
}

/// <summary>The table of training jobs.</summary>
public sealed class TrainingJobRowsConfiguration : IEntityTypeConfiguration<TrainingJobRow>
{
    public void Configure(EntityTypeBuilder<TrainingJobRow> builder)
    {
        builder.ToTable("TrainingJobs").HasKey(job => job.Sequence);
        builder.Property(job => job.Sequence).ValueGeneratedOnAdd();
        builder.HasAlternateKey(job => job.Id);
        builder.HasIndex(job => new { job.Status, job.Priority, job.Sequence });
        builder.HasIndex(job => new { job.Model, job.Sequence });
    }
}
