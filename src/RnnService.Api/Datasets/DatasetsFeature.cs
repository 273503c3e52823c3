using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;
using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>Datasets: uploaded, listed, read back and deleted.</summary>
public static class DatasetsFeature
{
    private const string UploadOperation = "uploadDataset";
    private const int RetryAfterStopSeconds = 5;

    private const string Example = """
        {
          "name": "reviews", "format": "csv", "bytes": 28071, "sha256": "4f0c1d0c5a3a8f9f6d1d3b7d7a0c2f1e9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d",
          "createdAt": "2026-11-23T10:15:30.000Z", "builtIn": false,
          "warnings": [{ "line": 12, "code": "duplicateText", "message": "The text repeats line 3." }], "warningCount": 1,
          "statistics": {
            "sequences": 640, "characters": 24310, "distinctCharacters": 61, "unusedColumns": ["id"], "labels": { "negative": 320, "positive": 320 },
            "lengths": { "minimum": 9, "mean": 37.984375, "median": 37, "percentile95": 61, "maximum": 88 },
            "frequentCharacters": [{ "character": " ", "count": 3911 }, { "character": "e", "count": 2480 }],
            "unknownShare": { "characters": 0.0001645413, "words": 0.1140625 }
          }
        }
        """;

    private const string FaultsExample = """
        {
          "type": "/problems/faulty-dataset", "title": "The data cannot be learned from", "status": 422,
          "detail": "There are 2 faults in the data; the first, in line 3: The text is empty.", "instance": "/api/v1/datasets",
          "traceId": "0af7651916cd43dd8448eb211c80319c", "faultCount": 2,
          "faults": [
            { "line": 3, "code": "emptyText", "message": "The text is empty." },
            { "line": 7, "code": "wrongColumnCount", "message": "The row has 3 columns instead of 2." }
          ]
        }
        """;

    /// <summary>Adds the datasets.</summary>
    public static IServiceCollection AddDatasets(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DatasetUploadOptions>().Bind(configuration.GetSection(DatasetUploadOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<BuiltInDatasets>();
        services.AddSingleton<DatasetFolders>();
        services.AddSingleton<DatasetUpload>();
        services.AddSingleton<ScratchFiles>();
        services.AddSingleton(provider => new DatasetStore(
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<DatasetFolders>(),
            provider.GetRequiredService<BuiltInDatasets>(),
            provider.GetRequiredService<IDbContextFactory<ServiceDbContext>>(),
            provider.GetServices<IDatasetUsage>(),
            provider.GetRequiredService<IOptions<DatasetUploadOptions>>(),
            provider.GetRequiredService<ScratchFiles>(),
            provider.GetRequiredService<TimeProvider>()));
        return services.AddStartupTask<DatasetIndex>();
    }

    /// <summary>Maps the datasets.</summary>
    public static IEndpointRouteBuilder MapDatasets(this IEndpointRouteBuilder routes)
    {
        var timeout = TimeSpan.FromSeconds(routes.ServiceProvider.GetRequiredService<IOptions<DatasetUploadOptions>>().Value.UploadTimeoutSeconds);
        var datasets = routes.MapGroup("/api/v1/datasets").WithTags("Datasets");

        datasets.MapPost("", UploadAsync).WithName("uploadDataset").WithSummary("Uploads a dataset")
            .WithDescription("The body is the file itself, of any media type but multipart, or a form (multipart/form-data) with the part `file`. It is UTF-8, with or without a byte-order mark. "
                + "`text` is one long text, `lines` one sequence a line (blank lines are skipped), `csv` (RFC 4180) and `tsv` (no quoting) have the columns text and label, `jsonl` objects with these members; other columns are listed as unused. "
                + "CR LF, LF and CR end a line alike. Faults refuse the file, each with the line where its row starts; warnings don't. "
                + "All codes, with examples and remedies, and what the statistics mean: docs/datasets.md.")
            .ReadsQuery<DatasetUploadQuery>().ReadsIdempotencyKey()
            .Accepts<IFormFile>("application/octet-stream", "multipart/form-data", "*/*")
            .ResponseExample(201, Example).ResponseExample(200, Example)
            .ProducesProblems(400, 409, 413, 415, 422).ResponseExample(422, FaultsExample)
            .WithRequestTimeout(timeout);

        datasets.MapGet("", ListAsync).WithName("listDatasets").WithSummary("Lists the datasets")
            .WithDescription("Built-in and uploaded ones, and those that came within training jobs, in the order of their names.")
            .ReadsQuery<PageQuery>()
            .ResponseExample(200, $$"""{ "items": [{{Example}}], "next": null }""")
            .ProducesProblems(400);

        datasets.MapGet("/{name}", GetAsync).WithName("getDataset").WithSummary("Tells about one dataset")
            .WithDescription("Its size, hash, warnings and statistics.")
            .DescribesParameter("name", "The name of the dataset", "dinosaurs")
            .ResponseExample(200, Example)
            .ProducesProblems(400, 404);

        datasets.MapGet("/{name}/content", GetContentAsync).WithName("getDatasetContent").WithSummary("Gives the file back")
            .WithDescription("The bytes that were uploaded. The ETag is their SHA-256; ranges and conditional requests are understood.")
            .DescribesParameter("name", "The name of the dataset", "dinosaurs")
            .Produces<Stream>(200, "text/plain", "text/csv", "text/tab-separated-values", "application/jsonl").Produces(206).Produces(304)
            .ProducesProblems(400, 404, 416)
            .DisableRequestTimeout(); // a slow line is no fault; one that stands still is closed by the server

        datasets.MapDelete("/{name}", DeleteAsync).WithName("deleteDataset").WithSummary("Deletes a dataset")
            .WithDescription("Its name can be used again. Not while a training job needs it; built-in datasets are never deleted.")
            .DescribesParameter("name", "The name of the dataset", "reviews")
            .ProducesProblems(400, 404, 409);
        return routes;
    }

    private static async Task<Results<Created<DatasetResponse>, Ok<DatasetResponse>, ProblemHttpResult>> UploadAsync(
        HttpContext context, RequestReader reader, DatasetUpload upload, DatasetStore store, IdempotentAnswers answers, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<DatasetUploadQuery>(context);
        if (!query.IsValid) return query.Problem;
        var (key, wrongKey) = IdempotencyKey.Read(context.Request);
        if (wrongKey is not null) return wrongKey;
        var (content, problem) = await upload.ReceiveAsync(context, cancellationToken);
        if (problem is not null) return problem;

        using var staged = content!;
        // The content is known only now; whether it is sent again is told by its hash.
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{JsonSerializer.Serialize(query.Value, ServiceJson.Options)} {staged.Sha256}")));
        using var turn = await answers.EnterAsync(UploadOperation, key, cancellationToken);
        if (key is not null && await answers.FindOrNullAsync(UploadOperation, key, cancellationToken) is { } first)
        {
            if (first.RequestSha256 != fingerprint) return IdempotencyKey.Reused(key);
            return TypedResults.Created($"/api/v1/datasets/{first.Created}", JsonSerializer.Deserialize<DatasetResponse>(first.Answer, ServiceJson.Options));
        }

        using var kept = await KeepOrNullAsync(store, query.Value, staged, lifetime, cancellationToken);
        if (kept is null) return ServiceProblems.Unavailable("The service is stopping; the file was not kept.", RetryAfterStopSeconds);
        if (key is not null && kept.Status == KeepStatus.Created)
        {
            var answer = JsonSerializer.Serialize(DatasetResponse.Of(kept.Dataset!), ServiceJson.Options);
            await answers.KeepAsync(UploadOperation, key, fingerprint, query.Value.Name, answer, cancellationToken);
        }

        return kept.Status switch
        {
            KeepStatus.Created => TypedResults.Created($"/api/v1/datasets/{query.Value.Name}", DatasetResponse.Of(kept.Dataset!)),
            KeepStatus.Same => TypedResults.Ok(DatasetResponse.Of(kept.Dataset!)),
            KeepStatus.Faulty => Faulty(kept),
            _ => ServiceProblems.Conflict($"The name {query.Value.Name} belongs to a dataset with other content, or that is read in another way. Delete that one or choose another name.", "name-taken"),
        };
    }

    /// <summary>A stopping service does not wait for the check of a large file: null.</summary>
    private static async Task<KeepOutcome?> KeepOrNullAsync(
        DatasetStore store, DatasetUploadQuery query, StagedContent staged, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return await store.KeepAsync(query.Name, query.ToOptions(), staged, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<Results<Ok<Page<DatasetResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext context, RequestReader reader, DatasetStore store, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<PageQuery>(context);
        if (!query.IsValid) return query.Problem;
        var datasets = await store.ListAsync(query.Value.AfterKey, query.Value.Size + 1, cancellationToken);
        return TypedResults.Ok(datasets.Select(DatasetResponse.Of).ToArray().ToPage(query.Value.Size, dataset => Cursor.Of(dataset.Name)));
    }

    private static async Task<Results<Ok<DatasetResponse>, ProblemHttpResult>> GetAsync(string name, DatasetStore store, CancellationToken cancellationToken)
    {
        if (NameProblemOrNull(name) is { } problem) return problem;
        return await store.FindOrNullAsync(name, cancellationToken) is { } dataset ? TypedResults.Ok(DatasetResponse.Of(dataset)) : Unknown(name);
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> GetContentAsync(string name, HttpContext context, DatasetStore store, CancellationToken cancellationToken)
    {
        if (NameProblemOrNull(name) is { } problem) return problem;
        if (await store.FindOrNullAsync(name, cancellationToken) is not { } dataset) return Unknown(name);
        var (mediaType, extension) = dataset.Options.Format switch
        {
            DatasetFormat.Csv => ("text/csv; charset=utf-8", "csv"),
            DatasetFormat.Tsv => ("text/tab-separated-values; charset=utf-8", "tsv"),
            DatasetFormat.Jsonl => ("application/jsonl", "jsonl"),
            _ => ("text/plain; charset=utf-8", "txt"),
        };
        // The name can come to hold other content: a copy may be kept, but must be asked about.
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.File(
            store.OpenContent(dataset.Sha256), mediaType, $"{name}.{extension}", dataset.CreatedAt, new EntityTagHeaderValue($"\"{dataset.Sha256}\""), enableRangeProcessing: true);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string name, DatasetStore store, CancellationToken cancellationToken)
    {
        if (NameProblemOrNull(name) is { } problem) return problem;
        var outcome = await store.DeleteAsync(name, cancellationToken);
        return outcome.Status switch
        {
            DeleteStatus.Deleted => TypedResults.NoContent(),
            DeleteStatus.Unknown => Unknown(name),
            DeleteStatus.BuiltIn => ServiceProblems.Conflict($"The dataset {name} is part of the service and cannot be deleted.", "built-in"),
            _ => ServiceProblems.Conflict($"The dataset {name} is needed by {outcome.NeededBy}.", "dataset-needed"),
        };
    }

    private static ProblemHttpResult? NameProblemOrNull(string name)
    {
        var problems = new Problems();
        problems.Name("name", name);
        return problems.Any ? ServiceProblems.BadRequest(problems) : null;
    }

    private static ProblemHttpResult Unknown(string name) => ServiceProblems.NotFound($"There is no dataset {name}.");

    /// <summary>422: the faults of a dataset, or of examples within a request.</summary>
    internal static ProblemHttpResult Faulty(KeepOutcome outcome)
    {
        var first = outcome.Faults[0];
        var count = outcome.FaultCount == 1 ? "is 1 fault" : $"are {outcome.FaultCount} faults";
        return ServiceProblems.Unprocessable(
            $"There {count} in the data; the first, in line {first.Line}: {first.Message}",
            new Dictionary<string, object?> { ["faultCount"] = outcome.FaultCount, ["faults"] = outcome.Faults },
            "faulty-dataset");
    }
}
