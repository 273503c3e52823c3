using System.Text.Json;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using SequenceModels.Data;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>Everything that fixes what a job does: its data by content, and every choice made.</summary>
public sealed record JobPlan
{
    public required JobDataset Dataset { get; init; }

    /// <summary>The part of the dataset that is held back; <c>null</c> when there is a validation dataset.</summary>
    public double? ValidationFraction { get; init; }

    public JobDataset? ValidationDataset { get; init; }

    /// <summary>The version that the job starts from; <c>null</c>: it starts from nothing.</summary>
    public JobBase? Base { get; init; }

    /// <summary>What whoever asked for the job should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public required ArchitectureSettings Architecture { get; init; }

    public required TrainingSummary Training { get; init; }

    public required long Parameters { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>The choices that the request left to the service; <c>null</c> in plans of an earlier release.</summary>
    public IReadOnlyList<ResolvedChoice>? Reasons { get; init; }

    public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

/// <summary>A dataset of a job: found by its content, named only for people.</summary>
public sealed record JobDataset(string Name, string Sha256, DatasetOptions Options);

/// <summary>Reads and writes the JSON columns of jobs.</summary>
internal static class JobJson
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, ServiceJson.Options);

    public static T Read<T>(string json)
        where T : class => JsonSerializer.Deserialize<T>(json, ServiceJson.Options) ?? throw new InvalidDataException($"A {typeof(T).Name} in the database is null.");

    public static T? ReadOrNull<T>(string? json)
        where T : class => json is null ? null : Read<T>(json);

    public static TrainingJobResponse ToResponse(TrainingJobRow row, ProgressResponse? live = null, QueuePlace? place = null)
    {
        var plan = Read<JobPlan>(row.PlanJson);
        var progress = live ?? Read<ProgressResponse>(row.ProgressJson);
        return new TrainingJobResponse
        {
            Id = row.Id,
            Model = row.Model,
            Task = row.Task,
            Status = row.Status,
            Priority = row.Priority,
            Queue = place,
            CreatedAt = row.CreatedAt,
            StartedAt = row.StartedAt,
            FinishedAt = row.FinishedAt,
            Dataset = Shown(plan.Dataset),
            Validation = new JobValidationResponse(plan.ValidationFraction, plan.ValidationDataset is { } own ? Shown(own) : null),
            Tags = plan.Tags,
            Resolved = new ResolvedResponse(plan.Architecture, plan.Training.With(progress.RangeTest?.Found), plan.Parameters, plan.MemoryBytes, plan.Base) { Reasons = plan.Reasons },
            Warnings = plan.Warnings,
            Progress = progress,
            Result = ReadOrNull<JobResultResponse>(row.ResultJson),
            Error = ReadOrNull<JobError>(row.ErrorJson),
        };
    }

    internal static JobDatasetResponse Shown(JobDataset dataset) => new(dataset.Name, dataset.Sha256);
}
