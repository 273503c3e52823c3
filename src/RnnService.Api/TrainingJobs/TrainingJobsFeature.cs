using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;
using RnnService.Api.Datasets;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using RnnService.Api.Storage;
using RnnService.Api.TrainingJobs.DryRuns;
using RnnService.Api.TrainingJobs.Events;

namespace RnnService.Api.TrainingJobs;

/// <summary>Training jobs: asked for, watched, cancelled; and the worker that runs them.</summary>
public static class TrainingJobsFeature
{
    private const string Base = "/api/v1/training-jobs";
    private const int RetryAfterSeconds = 30;
    private const int DryRunRetryAfterSeconds = 10;

    private const string RequestExample = """
        { "model": "dinosaurs", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "validation": { "fraction": 0.1 },
          "architecture": { "cell": "lstm", "layers": 1, "hiddenSize": 128, "embeddingSize": 64, "dropout": 0.2, "tokenizer": "character" },
          "training": { "epochs": 20, "batchSize": 32, "learningRate": 0.002, "gradientClipNorm": 5.0, "earlyStoppingPatience": 5, "seed": 42 },
          "tags": { "team": "demo" } }
        """;

    private const string JobExample = """
        { "id": "5f0c6d1c2b7e4d1a9a3e8f7b6c5d4e3f", "model": "dinosaurs", "task": "languageModel", "status": "running", "statusReason": null, "priority": 0, "queue": null,
          "createdAt": "2026-01-02T03:04:05.678Z", "startedAt": "2026-01-02T03:04:05.700Z", "finishedAt": null,
          "dataset": { "name": "dinosaurs", "sha256": "9f2c..." }, "validation": { "fraction": 0.1, "dataset": null }, "tags": { "team": "demo" },
          "resolved": {
            "architecture": { "cell": "lstm", "layers": 1, "hiddenSize": 128, "embeddingSize": 64, "bidirectional": false, "dropout": 0.2, "dropoutKind": "standard", "inputDropout": null, "outputDropout": null, "embeddingDropout": 0, "weightDropout": 0, "zoneout": 0,
                              "residual": false, "layerNorm": false, "tiedEmbeddings": false, "learnedInitialState": false, "tokenizer": "character", "lowerCase": false, "minimumCount": 1, "pooling": null },
            "training": { "epochs": 20, "batchSize": 32, "sequenceLength": 27, "optimizer": "adam", "learningRate": 0.002, "rangeTest": null, "schedule": { "kind": "constant", "warmupSteps": 0, "decayFactor": null, "epochsPerDecay": null, "leastFraction": null, "riseFraction": null, "initialDivisor": null, "finalDivisor": null, "patience": null, "threshold": null, "cooldown": null },
                          "gradientClipNorm": 5, "gradientClipValue": null, "gradientAccumulation": 1, "activationRegularization": 0, "temporalActivationRegularization": 0, "labelSmoothing": 0, "classWeights": null,
                          "validateEverySteps": null, "gradualUnfreezing": null, "layerRateDecay": null, "earlyStoppingPatience": 5, "maxSeconds": null, "seed": 42, "momentum": null, "nesterov": null, "rmsPropDecay": null, "centered": null, "beta1": 0.9, "beta2": 0.999, "amsGrad": false, "epsilon": 1e-8, "weightDecay": 0, "averagingPatience": null },
            "parameters": 111259, "memoryBytes": 6000000, "base": null,
            "reasons": [ { "member": "architecture.bidirectional", "value": false, "reason": "A language model predicts what follows, so it reads forwards only." } ] },
          "warnings": [],
          "progress": { "epoch": 3, "epochs": 20, "step": 120, "totalSteps": 880, "fraction": 0.136, "tokensPerSecond": 60000, "elapsedSeconds": 1.2, "etaSeconds": 7.6,
                        "trainingLoss": 2.01, "validationLoss": 1.93, "bestValidationLoss": 1.93, "rangeTest": null },
          "result": null, "error": null }
        """;

    /// <summary>Adds the jobs and their worker.</summary>
    public static IServiceCollection AddTrainingJobs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TrainingOptions>().Bind(configuration.GetSection(TrainingOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddJobEvents(configuration);
        services.AddSingleton<TrainingDesk>();
        services.AddSingleton<WaitingJobs>();
        services.AddSingleton<JobCheckpoints>();
        services.AddSingleton<TrainingJobStore>();
        services.AddSingleton<JobDataReader>();
        services.AddSingleton<JobBases>();
        services.AddSingleton<TrainingJobCreation>();
        services.AddSingleton<DryRunRunner>();
        services.AddSingleton<VersionHolds>();
        services.AddSingleton<IVersionUsage, JobVersionUsage>();
        services.AddSingleton<IDatasetUsage, JobDatasetUsage>();
        services.AddSingleton<JobRunner>();
        services.AddStartupTask<CheckpointSweep>();
        services.AddHostedService<TrainingWorker>();
        services.AddHostedService<JobRetention>();
        return services;
    }

    /// <summary>Maps the routes of training jobs.</summary>
    public static IEndpointRouteBuilder MapTrainingJobs(this IEndpointRouteBuilder routes)
    {
        var limits = new RequestLimits { MaxBodyBytes = routes.ServiceProvider.GetRequiredService<IOptions<TrainingOptions>>().Value.MaxRequestBytes, MaxItems = 1_000_000 };
        var jobs = routes.MapGroup(Base).WithTags("Training jobs");

        jobs.MapPost("", CreateAsync).WithName("createTrainingJob").ReadsBody<TrainingJobRequest>(limits).ReadsIdempotencyKey()
            .WithSummary("Train a model")
            .WithDescription("Queues a training job; a full queue is a 503. What `architecture` and `training` leave out, the service chooses from the data; `resolved` says what it chose. "
                + "The header `Idempotency-Key` makes a repeated request get the first answer again. Data within the request becomes a dataset of its own. "
                + "With `dryRun: true` nothing is queued or kept, and the key plays no part: after some seconds, in which the data is read and the training itself measured, the answer, 200, tells what the job would be, why the service chose what it chose, "
                + "and the time and memory that it would take. `secondsAtMost` is the time of all epochs, or what `maxSeconds` allows; early stopping usually ends a job sooner. What would be refused is refused alike, "
                + "but for a full queue, which `estimate.queue` tells. One dry run measures at a time, others wait; where too many do, it is a 503.")
            .RequestExample(RequestExample)
            .ResponseExample(200, DryRunExample.Json)
            .ResponseExample(202, JobExample)
            .ProducesProblems(400, 404, 409, 413, 415, 422);

        jobs.MapGet("", ListAsync).WithName("listTrainingJobs").ReadsQuery<TrainingJobQuery>()
            .WithSummary("List training jobs")
            .WithDescription("Newest first, all or those of a status or a model.")
            .ResponseExample(200, $$"""{ "items": [ {{JobExample}} ], "next": null }""")
            .ProducesProblems(400);

        jobs.MapGet("/{id}", GetAsync).WithName("getTrainingJob").DescribesJob()
            .WithSummary("Get a training job")
            .WithDescription("Its status, every choice made, its progress, and its result or error.")
            .ResponseExample(200, JobExample)
            .ProducesProblems(404);

        jobs.MapPost("/{id}/cancel", CancelAsync).WithName("cancelTrainingJob").DescribesJob()
            .WithSummary("Cancel a training job")
            .WithDescription("Ends a job that waits, runs or is paused; nothing is published. A job that has ended, or that is being published at this moment, cannot be cancelled.")
            .ResponseExample(200, JobExample.Replace("\"running\"", "\"cancelled\"", StringComparison.Ordinal))
            .ProducesProblems(404, 409);

        jobs.MapDelete("/{id}", DeleteAsync).WithName("deleteTrainingJob").DescribesJob()
            .WithSummary("Delete a training job")
            .WithDescription("Forgets a job that has ended. The version that it made stays.")
            .ProducesProblems(404, 409);

        jobs.MapJobEvents().DescribesJob();

        jobs.MapPost("/{id}/pause", PauseAsync).WithName("pauseTrainingJob").DescribesJob()
            .WithSummary("Pause a training job")
            .WithDescription("Sets aside a job that waits or runs, with a checkpoint; its memory and threads are free then. It keeps its place in the queue, and goes on where it stood, to the same weights, when it is resumed. "
                + "A run leaves after the step under way; where that takes longer than ten seconds, the answer tells a job that still runs.")
            .ResponseExample(200, JobExample.Replace("\"running\"", "\"paused\"", StringComparison.Ordinal))
            .ProducesProblems(404, 409);

        jobs.MapPost("/{id}/resume", ResumeAsync).WithName("resumeTrainingJob").DescribesJob()
            .WithSummary("Resume a training job")
            .WithDescription("Puts a paused job back into the queue, to the place that it had by the time it was asked for.")
            .ResponseExample(200, JobExample.Replace("\"running\"", "\"queued\"", StringComparison.Ordinal))
            .ProducesProblems(404, 409);
        return routes;
    }

    private static RouteHandlerBuilder DescribesJob(this RouteHandlerBuilder builder) => builder.DescribesParameter("id", "The job's id.", "5f0c6d1c2b7e4d1a9a3e8f7b6c5d4e3f");

    private static async Task<Results<Accepted<TrainingJobResponse>, Ok<DryRunResponse>, ProblemHttpResult>> CreateAsync(
        HttpContext context, RequestReader reader, TrainingJobCreation creation, DryRunRunner dryRuns, CancellationToken cancellationToken)
    {
        var body = await reader.ReadBodyAsync<TrainingJobRequest>(context, cancellationToken);
        if (!body.IsValid)
            return body.Problem;
        var (key, wrongKey) = IdempotencyKey.Read(context.Request);
        if (wrongKey is not null)
            return wrongKey;

        if (body.Value.DryRun == true)
        {
            // Waiting for one's turn does not count; what follows has the same limit again.
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            var tried = await dryRuns.RunAsync(body.Value, cancellationToken);
            return tried.Answer is { } answer ? TypedResults.Ok(answer)
                : tried.Refused is { } refused ? Refusal(refused, key)
                : tried.TookTooLong ? ServiceProblems.Unavailable("The dry run took more seconds, waiting left out, than the setting Hosting:RequestTimeoutSeconds allows.", DryRunRetryAfterSeconds)
                : ServiceProblems.Unavailable("So many dry runs wait as the setting Training:MaxWaitingDryRuns allows.", DryRunRetryAfterSeconds);
        }

        var outcome = await creation.CreateAsync(body.Value, key, cancellationToken);
        return outcome.Status == CreationStatus.Queued
            ? TypedResults.Accepted($"{Base}/{outcome.JobId}", JobJson.Read<TrainingJobResponse>(outcome.Answer))
            : Refusal(outcome, key);
    }

    private static ProblemHttpResult Refusal(CreationOutcome outcome, string? key) => outcome.Status switch
    {
        CreationStatus.QueueFull => ServiceProblems.Unavailable("So many training jobs wait as the setting Training:MaxQueuedJobs allows.", RetryAfterSeconds),
        CreationStatus.KeyReused => IdempotencyKey.Reused(key ?? ""),
        CreationStatus.OtherTask => ServiceProblems.Conflict(outcome.Reason, "other-task"),
        CreationStatus.NoBase => outcome.BaseRefusal ?? throw new InvalidOperationException("There is no base and no reason."),
        CreationStatus.CannotLearn => ServiceProblems.Unprocessable(outcome.Reason),
        _ => NoData(outcome.DatasetRefusal ?? throw new InvalidOperationException("There is no data and no reason.")),
    };

    private static ProblemHttpResult NoData(DatasetRefusal refusal)
    {
        if (refusal.Unknown.Count > 0)
            return ServiceProblems.NotFound(refusal.Unknown.ToDictionary(member => member.Key, member => $"there is no dataset {Problems.Quoted(member.Value)}"));
        var first = refusal.Faulty[0];
        string counts = string.Join(" and ", refusal.Faulty.Select(data => $"{data.FaultCount} {(data.FaultCount == 1 ? "fault" : "faults")} in {data.Path}"));
        return ServiceProblems.Unprocessable(
            $"There {(first.FaultCount == 1 ? "is" : "are")} {counts}; the first, in item {first.Faults[0].Line} of {first.Path}: {first.Faults[0].Message} The line of a fault is the number of the item.",
            new Dictionary<string, object?> { ["member"] = first.Path, ["faultCount"] = first.FaultCount, ["faults"] = first.Faults },
            "faulty-dataset");
    }

    private static async Task<Results<Ok<Page<TrainingJobResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext context, RequestReader reader, TrainingJobStore jobs, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<TrainingJobQuery>(context);
        if (!query.IsValid)
            return query.Problem;
        var (status, model, size) = (query.Value.Status, query.Value.Model, query.Value.Size);
        var found = await jobs.ListAsync(status, model, query.Value.AfterSequence, size + 1, cancellationToken);
        var page = found.ToPage(size, item => Cursor.Of(item.Sequence));
        return TypedResults.Ok(new Page<TrainingJobResponse>([.. page.Items.Select(item => item.Job)], page.Next));
    }

    private static async Task<Results<Ok<TrainingJobResponse>, ProblemHttpResult>> GetAsync(string id, TrainingJobStore jobs, CancellationToken cancellationToken) =>
        await jobs.FindOrNullAsync(id, cancellationToken) is { } job ? TypedResults.Ok(job) : Unknown(id);

    private static async Task<Results<Ok<TrainingJobResponse>, ProblemHttpResult>> CancelAsync(string id, TrainingJobStore jobs, CancellationToken cancellationToken)
    {
        var transition = await jobs.CancelAsync(id, cancellationToken);
        if (await jobs.FindOrNullAsync(id, cancellationToken) is not { } job)
            return Unknown(id);
        return transition == JobTransition.Done ? TypedResults.Ok(job) : Illegal(job, "cancelled");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string id, TrainingJobStore jobs, CancellationToken cancellationToken) =>
        await jobs.DeleteAsync(id, cancellationToken) switch
        {
            JobTransition.Done => TypedResults.NoContent(),
            JobTransition.Unknown => Unknown(id),
            _ => ServiceProblems.Conflict($"Training job {Problems.Quoted(id)} has not ended; cancel it first.", "illegal-transition"),
        };

    private static async Task<Results<Ok<TrainingJobResponse>, ProblemHttpResult>> PauseAsync(string id, TrainingJobStore jobs, CancellationToken cancellationToken)
    {
        var transition = await jobs.PauseAsync(id, cancellationToken);
        if (await jobs.FindOrNullAsync(id, cancellationToken) is not { } job)
            return Unknown(id);
        return transition == JobTransition.Done ? TypedResults.Ok(job) : Illegal(job, "paused");
    }

    private static async Task<Results<Ok<TrainingJobResponse>, ProblemHttpResult>> ResumeAsync(string id, TrainingJobStore jobs, CancellationToken cancellationToken)
    {
        var transition = await jobs.ResumeAsync(id, cancellationToken);
        if (await jobs.FindOrNullAsync(id, cancellationToken) is not { } job)
            return Unknown(id);
        return transition == JobTransition.Done ? TypedResults.Ok(job) : Illegal(job, "resumed");
    }

    private static ProblemHttpResult Unknown(string id) => ServiceProblems.NotFound($"There is no training job {Problems.Quoted(id)}.");

    private static ProblemHttpResult Illegal(TrainingJobResponse job, string verb) =>
        ServiceProblems.Conflict($"Training job {Problems.Quoted(job.Id)} is {ModelProblems.Word(job.Status)} and cannot be {verb}.", "illegal-transition");
}

/// <summary>The query of the list of jobs.</summary>
public sealed record TrainingJobQuery : SequencePageQuery
{
    /// <summary>Only jobs of this status.</summary>
    public JobStatus? Status { get; init; }

    /// <summary>Only jobs for this model.</summary>
    [ResourceName]
    public string? Model { get; init; }
}
