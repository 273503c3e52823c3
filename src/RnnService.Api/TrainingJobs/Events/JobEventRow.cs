using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>What an event tells about.</summary>
public enum JobEventType
{
    /// <summary>The job's status changed.</summary>
    Status,

    /// <summary>How the training goes.</summary>
    Metrics,

    /// <summary>What the model makes of its task by now.</summary>
    Sample,

    /// <summary>Something is wrong with the training, why, and what helps.</summary>
    Advice,
}

/// <summary>How much an event matters.</summary>
public enum JobEventLevel
{
    Info,
    Warning,
    Error,
}

/// <summary>Something that happened to a job. Written once, never changed, deleted with its job.</summary>
public sealed class JobEventRow
{
    /// <summary>Grows with every event of any job. The database has one writer at a time, so an event with a smaller number is never seen later.</summary>
    public long Sequence { get; init; }

    public required string JobId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required JobEventLevel Level { get; init; }

    public required JobEventType Type { get; init; }

    /// <summary>For people.</summary>
    public required string Message { get; init; }

    /// <summary>For programs: a JSON object.</summary>
    public required string DataJson { get; init; }
}

/// <summary>The table of events.</summary>
public sealed class JobEventRowConfiguration : IEntityTypeConfiguration<JobEventRow>
{
    public void Configure(EntityTypeBuilder<JobEventRow> builder)
    {
        builder.ToTable("JobEvents").HasKey(happened => happened.Sequence);
        builder.Property(happened => happened.Sequence).ValueGeneratedOnAdd();
        builder.HasIndex(happened => new { happened.JobId, happened.Sequence });
        builder.HasOne<TrainingJobRow>().WithMany().HasForeignKey(happened => happened.JobId).HasPrincipalKey(job => job.Id).OnDelete(DeleteBehavior.Cascade);
    }
}
