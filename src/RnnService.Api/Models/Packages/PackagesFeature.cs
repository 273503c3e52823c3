using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using RnnService.Api.Datasets;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;

namespace RnnService.Api.Models.Packages;

/// <summary>Versions as single files, to carry them from one service to another.</summary>
public static class PackagesFeature
{
    private const string ImportOperation = "importModelVersion";
    private const int RetryAfterSeconds = 60;

    private const string FaultsExample = """
        { "type": "/problems/faulty-package", "title": "The package cannot be imported", "status": 422,
          "detail": "One thing is wrong with the package: weights.safetensors has the SHA-256 3b1f...; the manifest says 9f2c...", "instance": "/api/v1/models/import",
          "traceId": "0af7651916cd43dd8448eb211c80319c",
          "faults": [ { "file": "weights.safetensors", "reason": "has the SHA-256 3b1f...; the manifest says 9f2c..." } ] }
        """;

    /// <summary>Adds export and import.</summary>
    public static IServiceCollection AddPackages(this IServiceCollection services)
    {
        services.AddSingleton<PackageExport>();
        services.AddSingleton<PackageTrial>();
        services.AddSingleton<PackageReader>();
        return services.AddSingleton<PackageImport>();
    }

    /// <summary>Maps export and import.</summary>
    public static IEndpointRouteBuilder MapPackages(this IEndpointRouteBuilder routes)
    {
        var timeout = TimeSpan.FromSeconds(routes.ServiceProvider.GetRequiredService<IOptions<ModelOptions>>().Value.ImportTimeoutSeconds);
        var models = routes.MapGroup("/api/v1/models").WithTags("Models");

        models.MapGet("/{name}/versions/{version}/export", ExportAsync).WithName("exportModelVersion").Produces<Stream>(200, PackageFormat.MediaType).Produces(304)
            .DescribesParameter("name", "The model's name.", "dinosaurs")
            .DescribesParameter("version", "The version's number.", "3")
            .WithSummary("Export a version as one file")
            .WithDescription("A zip archive of manifest, weights, tokenizer and report, with name, description and tags beside them. All hashes are checked before the first byte is sent; the same version, described in the same way, gives the same bytes on the same operating system. "
                + "A deletion meanwhile does not break it.")
            .ProducesProblems(400, 404, 409)
            .DisableRequestTimeout(); // a slow line is no fault; one that stands still is closed by the server

        models.MapPost("/import", ImportAsync).WithName("importModelVersion").ReadsQuery<ImportQuery>().ReadsIdempotencyKey()
            .Accepts<IFormFile>(PackageFormat.MediaType, "multipart/form-data", "*/*")
            .WithSummary("Import a version")
            .WithDescription("The body is a file that an export gave, of any media type but multipart, or a form (multipart/form-data) with the part `file`. The version becomes the next one of the model; where the model has it already, the answer is a 200 with the one that is there. "
                + "Before it gets a number all hashes are checked and the model is loaded; `faults` tell what is wrong, file by file. Manifest and lineage stay as they were: job, dataset and base model are those of the service that trained it.")
            .ResponseExample(201, ImportedExample).ResponseExample(200, ImportedExample)
            .ProducesProblems(400, 409, 413, 415, 422).ResponseExample(422, FaultsExample)
            .WithRequestTimeout(timeout);
        return routes;
    }

    private static string ImportedExample => ModelsFeature.VersionExample.Replace("\"importedAt\": null", "\"importedAt\": \"2026-01-03T03:04:05.678Z\"", StringComparison.Ordinal);

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        string name, string version, HttpContext context, PackageExport export, CancellationToken cancellationToken)
    {
        if (VersionsFeature.ParseOrProblem(name, version, out int number) is { } malformed)
            return malformed;
        var (package, problem) = await export.OpenAsync(name, number, cancellationToken);
        if (problem is not null)
            return problem;
        context.Response.RegisterForDisposeAsync(package!);
        context.Response.Headers.CacheControl = "no-cache"; // description and tags change
        // The library writes the few bytes of an archive's headers synchronously.
        context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        return TypedResults.Stream(
            stream => package!.WriteAsync(stream, context.RequestAborted),
            PackageFormat.MediaType,
            $"{name}-{number}.zip",
            entityTag: new EntityTagHeaderValue($"\"{package!.Sha256}\""));
    }

    private static async Task<Results<Created<VersionResponse>, Ok<VersionResponse>, ProblemHttpResult>> ImportAsync(
        HttpContext context, RequestReader reader, DatasetUpload upload, PackageImport import, SpaceGuard space, IdempotentAnswers answers, IOptions<ModelOptions> options, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<ImportQuery>(context);
        if (!query.IsValid)
            return query.Problem;
        var (key, wrongKey) = IdempotencyKey.Read(context.Request);
        if (wrongKey is not null)
            return wrongKey;
        if (space.ShortageOrNull() is { } shortage)
            return ServiceProblems.Unavailable(shortage, RetryAfterSeconds);
        long mostBytes = options.Value.MaxImportBytes;
        var (content, problem) = await upload.ReceiveAsync(context, mostBytes, cancellationToken);
        if (problem is not null)
            return problem;

        using var staged = content!;
        if (staged.Bytes == 0)
            return ServiceProblems.BadRequest(Problems.Whole, "the body is empty; a package is required");
        string fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{query.Value.Name} {staged.Sha256}")));
        using var turn = await answers.EnterAsync(ImportOperation, key, cancellationToken);
        if (key is not null && await answers.FindOrNullAsync(ImportOperation, key, cancellationToken) is { } first)
            return first.RequestSha256 == fingerprint ? Created(JsonSerializer.Deserialize<VersionResponse>(first.Answer, ServiceJson.Options)!) : IdempotencyKey.Reused(key);

        var outcome = await import.ImportAsync(staged.Path, query.Value.Name, mostBytes, cancellationToken);
        if (outcome.Import is not { } made)
            return Faulty(outcome.Faults);
        if (made.Version is not { } row)
        {
            return ServiceProblems.Conflict(
                $"The version has another task than the model, which is for {ModelProblems.TaskName(made.Task)}; a model name keeps its task. Choose another one with ?name=.", "wrong-task");
        }

        var version = VersionResponse.Of(row);
        if (made.Status == ImportStatus.Present)
            return TypedResults.Ok(version);
        if (key is not null)
            await answers.KeepAsync(ImportOperation, key, fingerprint, version.Reference, JsonSerializer.Serialize(version, ServiceJson.Options), CancellationToken.None);
        return Created(version);
    }

    private static Created<VersionResponse> Created(VersionResponse version) => TypedResults.Created($"/api/v1/models/{version.Model}/versions/{version.Version}", version);

    private static ProblemHttpResult Faulty(IReadOnlyList<PackageFault> faults) => ServiceProblems.Unprocessable(
        $"{(faults.Count == 1 ? "One thing is wrong with the package" : $"{faults.Count} things are wrong with the package; the first")}: {faults[0].File} {faults[0].Reason}",
        new Dictionary<string, object?> { ["faults"] = faults.Take(Problems.MostListed).ToList() },
        "faulty-package");
}

/// <summary>The query of an import.</summary>
public sealed record ImportQuery : IRequestContract
{
    /// <summary>The name of the model that gets the version; left out, that which it had where it was exported.</summary>
    [ResourceName]
    public string? Name { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
    }
}
