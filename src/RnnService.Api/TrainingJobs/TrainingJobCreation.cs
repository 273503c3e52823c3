using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using RnnService.Api.Datasets;
using RnnService.Api.Models;
using RnnService.Api.Storage;
using RnnService.Api.TrainingJobs.Events;
using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>How asking for a job ended.</summary>
public enum CreationStatus
{
    /// <summary>The job is queued, now or by the same request before.</summary>
    Queued,

    /// <summary>So many jobs wait as may.</summary>
    QueueFull,

    /// <summary>The idempotency key belongs to another request.</summary>
    KeyReused,

    /// <summary>A dataset could not be had.</summary>
    NoData,

    /// <summary>The model has another task.</summary>
    OtherTask,

    /// <summary>The data cannot be learned from.</summary>
    CannotLearn,

    /// <summary>The version to start from is not there, or cannot be started from.</summary>
    NoBase,
}

/// <summary>How asking for a job ended, with what the answer needs.</summary>
public sealed record CreationOutcome(CreationStatus Status)
{
    public string JobId { get; init; } = "";

    /// <summary>The answer's body.</summary>
    public string Answer { get; init; } = "";

    public DatasetRefusal? DatasetRefusal { get; init; }

    /// <summary>The answer where there is no version to start from.</summary>
    public ProblemHttpResult? BaseRefusal { get; init; }

    /// <summary>Why not, in words.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A job with every choice made, and what it needs to run.</summary>
/// <param name="Plan">What is written down of it.</param>
/// <param name="Runnable">The run.</param>
/// <param name="Data">Its data.</param>
public sealed record PlannedJob(JobPlan Plan, TrainingPlan Runnable, JobData Data);

/// <summary>Turns requests into queued jobs with every choice made. One at a time: each reads its data into memory.</summary>
public sealed class TrainingJobCreation(
    IDbContextFactory<ServiceDbContext> databases, DatasetStore datasets, ModelCatalog catalog, JobBases bases, TrainingDesk desk, WaitingJobs queue,
    IdempotentAnswers answers, IOptions<TrainingOptions> options, TimeProvider time) : IDisposable
{
    private const double DefaultValidationFraction = 0.1;
    private const string Operation = "createTrainingJob";

    /// <summary>Models that a running job has at most for requests: the best so far, and for a moment the one that takes its place.</summary>
    private const int ServedModels = 2;

    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Queues a job, or repeats the first answer to the same request.</summary>
    public async Task<CreationOutcome> CreateAsync(TrainingJobRequest request, string? key, CancellationToken cancellationToken)
    {
        string fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JobJson.Write(request))));
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (await RepeatedOrNullAsync(key, fingerprint, cancellationToken) is { } repeated)
                return repeated;
            if (await IsFullAsync(cancellationToken))
                return new CreationOutcome(CreationStatus.QueueFull);
            if (await OtherTaskOrNullAsync(request, cancellationToken) is { } conflict)
                return conflict;

            using var start = await bases.FindAsync(request, cancellationToken);
            if (start.Refusal is { } noBase)
                return new CreationOutcome(CreationStatus.NoBase) { BaseRefusal = noBase };
            await using var data = new JobDatasets(datasets);
            var planned = await PlanAsync(request, start, data, cancellationToken);
            if (planned.Job is not { } job)
                return planned.Refused!;
            var outcome = await WriteAsync(request, job, key, fingerprint, cancellationToken);
            data.Keep();
            desk.Ring();
            return outcome;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes every choice of a job that is not to be, and keeps nothing of it; or says why the job would be refused, but for a full queue.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="use">Called with the job while the version that it starts from is held.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<CreationOutcome?> TryOutAsync(TrainingJobRequest request, Func<PlannedJob, Task> use, CancellationToken cancellationToken)
    {
        JobBases.Found? start = null;
        try
        {
            PlannedJob job;
            await _gate.WaitAsync(cancellationToken);
            try
            {
                if (await OtherTaskOrNullAsync(request, cancellationToken) is { } conflict)
                    return conflict;
                start = await bases.FindAsync(request, cancellationToken);
                if (start.Refusal is { } noBase)
                    return new CreationOutcome(CreationStatus.NoBase) { BaseRefusal = noBase };
                await using var data = new JobDatasets(datasets, keepsInline: false);
                var planned = await PlanAsync(request, start, data, cancellationToken);
                if (planned.Job is null)
                    return planned.Refused;
                job = planned.Job;
            }
            finally
            {
                _gate.Release();
            }

            await use(job);
            return null;
        }
        finally
        {
            start?.Dispose();
        }
    }

    /// <summary>Where a job would wait.</summary>
    public async Task<(QueuePlace Place, int Waiting)> PlaceAsync(TrainingJobRequest request, PlannedJob job, CancellationToken cancellationToken)
    {
        var row = Row(request, job);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var places = await queue.PlacesAsync(database, row, cancellationToken);
        return (places[row.Id], places.Count - 1);
    }

    public void Dispose() => _gate.Dispose();

    private async Task<CreationOutcome?> RepeatedOrNullAsync(string? key, string fingerprint, CancellationToken cancellationToken)
    {
        if (key is null || await answers.FindOrNullAsync(Operation, key, cancellationToken) is not { } first)
            return null;
        return first.RequestSha256 == fingerprint
            ? new CreationOutcome(CreationStatus.Queued) { JobId = first.Created, Answer = first.Answer }
            : new CreationOutcome(CreationStatus.KeyReused);
    }

    /// <summary>Asked before anything is read or kept. New jobs come one at a time, so that none slips in between.</summary>
    private async Task<bool> IsFullAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<TrainingJobRow>().CountAsync(job => job.Status == JobStatus.Queued, cancellationToken) >= options.Value.MaxQueuedJobs;
    }

    private async Task<CreationOutcome?> OtherTaskOrNullAsync(TrainingJobRequest request, CancellationToken cancellationToken)
    {
        var task = await catalog.FindTaskOrNullAsync(request.Model, cancellationToken);
        string owner = "has versions";
        if (task is null)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            task = await JobStatuses.TaskOfActiveOrNullAsync(database, request.Model, cancellationToken);
            owner = "is being trained";
        }

        return task is null || task == request.Task ? null : new CreationOutcome(CreationStatus.OtherTask)
        {
            Reason = $"Model '{request.Model}' {owner} for the task {ModelProblems.TaskName(task)}, and a model name keeps its task; {ModelProblems.TaskName(request.Task)} needs another name.",
        };
    }

    private async Task<(CreationOutcome? Refused, PlannedJob? Job)> PlanAsync(
        TrainingJobRequest request, JobBases.Found start, JobDatasets data, CancellationToken cancellationToken)
    {
        var dataset = await data.AddOrNullAsync("dataset", request.Dataset, cancellationToken);
        var validation = request.Validation?.Dataset is { } own ? await data.AddOrNullAsync("validation.dataset", own, cancellationToken) : null;
        if (dataset is null || data.Refusal is not null)
            return (new CreationOutcome(CreationStatus.NoData) { DatasetRefusal = data.Refusal }, null);

        if (JobDatasets.WrongKindOrNull(request.Task, dataset.Options.Format) is { } wrong)
            return (CannotLearn($"Dataset '{dataset.Name}': {wrong}."), null);
        if (validation is not null && JobDatasets.WrongKindOrNull(request.Task, validation.Options.Format) is { } wrongToo)
            return (CannotLearn($"Validation dataset '{validation.Name}': {wrongToo}."), null);
        if (validation is not null && KindOf(dataset) != KindOf(validation))
            return (CannotLearn("The validation data must be of the same kind as the training data: both one long text, both lines, or both labelled."), null);

        double? fraction = validation is null ? request.Validation?.Fraction ?? DefaultValidationFraction : null;
        long seed = request.Training?.Seed ?? (long)(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) & (ulong)TrainingMembers.MaximumSeed);
        var examples = await data.ReadAsync(dataset, cancellationToken);
        var held = validation is null ? null : await data.ReadAsync(validation, cancellationToken);
        var (outcome, split) = await Task.Run(
            () =>
            {
                var parts = JobData.Of(examples, held, fraction ?? 0, seed);
                var choices = TrainingPlanner.Resolve(
                    request.Task, parts.Training, parts.Validation, ResolvedRequests.Of(request.Architecture), start.Complete(ResolvedRequests.Of(request.Training, seed)), options.Value.ThreadsOfJob, start.Model);
                return (choices, parts);
            },
            cancellationToken);
        if (outcome.Plan is not { } resolved)
            return (CannotLearn(outcome.Refusal ?? "The data cannot be learned from."), null);

        var training = TrainingSummary.Of(resolved.Training);
        var plan = new JobPlan
        {
            Dataset = dataset,
            ValidationFraction = fraction,
            ValidationDataset = validation,
            Base = start.Describe(resolved),
            Warnings = [.. start.Warnings(resolved), .. await SharedRows.WarningsAsync(data, new(dataset, examples), validation is null ? null : new(validation, held!), fraction ?? 0, seed, cancellationToken)],
            Architecture = resolved.Architecture,
            Training = training,
            Parameters = resolved.Parameters,
            MemoryBytes = resolved.MemoryBytes + ServedModels * SequenceModel.EstimateBytes(request.Task, resolved.Architecture, resolved.Tokenizer.Vocabulary.Count, resolved.Labels.Count),
            Reasons = ChoiceReasons.Of(request, resolved, resolved.Architecture, training, fraction),
            Tags = request.Tags ?? new Dictionary<string, string>(),
        };
        return (null, new PlannedJob(plan, resolved, split));
    }

    private static (bool IsText, bool IsLabelled) KindOf(JobDataset dataset) => (dataset.Options.Format == DatasetFormat.Text, JobDatasets.IsLabelled(dataset.Options.Format));

    private static CreationOutcome CannotLearn(string reason) => new(CreationStatus.CannotLearn) { Reason = reason };

    private async Task<CreationOutcome> WriteAsync(TrainingJobRequest request, PlannedJob job, string? key, string fingerprint, CancellationToken cancellationToken)
    {
        var row = Row(request, job);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var places = await queue.PlacesAsync(database, row, cancellationToken);
        string answer = JobJson.Write(JobJson.ToResponse(row, place: places[row.Id]) with { StatusReason = desk.Shortage });
        database.AddRange(row, StatusEvents.Queued(row));
        if (key is not null)
            await answers.AddAsync(database, Operation, key, fingerprint, row.Id, answer, cancellationToken);

        await database.SaveChangesAsync(cancellationToken);
        return new CreationOutcome(CreationStatus.Queued) { JobId = row.Id, Answer = answer };
    }

    private TrainingJobRow Row(TrainingJobRequest request, PlannedJob job)
    {
        var (plan, steps) = (job.Plan, job.Runnable.StepsPerEpoch);
        return new TrainingJobRow
        {
            Id = Guid.NewGuid().ToString("N"),
            Model = request.Model,
            Task = request.Task,
            Status = JobStatus.Queued,
            Priority = request.Priority ?? 0,
            Work = WaitingJobs.WorkOf(plan, steps),
            MaxSeconds = plan.Training.MaxSeconds,
            CreatedAt = time.GetUtcNow(),
            DatasetSha256 = plan.Dataset.Sha256,
            ValidationSha256 = plan.ValidationDataset?.Sha256,
            PlanJson = JobJson.Write(plan),
            ProgressJson = JobJson.Write(ProgressResponse.Before(plan.Training.Epochs, (long)plan.Training.Epochs * steps)),
        };
    }
}
