using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using RnnService.Api.Hosting;
using RnnService.Api.Reports;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Models;

/// <summary>The versions of a model: manifest, report and files.</summary>
public static class VersionsFeature
{
    private const string Json = "application/json";
    private const string Bytes = "application/octet-stream";

    private const string ManifestExample = """
        { "formatVersion": 1, "task": "languageModel",
          "architecture": { "cell": "lstm", "layers": 1, "hiddenSize": 128, "embeddingSize": 64, "bidirectional": false, "dropout": 0.2, "dropoutKind": "standard", "inputDropout": null, "outputDropout": null, "embeddingDropout": 0, "weightDropout": 0, "zoneout": 0,
                          "residual": false, "layerNorm": false, "tiedEmbeddings": false, "learnedInitialState": false, "tokenizer": "character", "lowerCase": false, "minimumCount": 1, "pooling": null },
          "training": { "epochs": 20, "batchSize": 32, "sequenceLength": 64, "optimizer": "adam", "learningRate": 0.002, "rangeTest": null, "schedule": { "kind": "constant", "warmupSteps": 0, "decayFactor": null, "epochsPerDecay": null, "leastFraction": null, "riseFraction": null, "initialDivisor": null, "finalDivisor": null, "patience": null, "threshold": null, "cooldown": null },
                      "gradientClipNorm": 5, "gradientClipValue": null, "gradientAccumulation": 1, "activationRegularization": 0, "temporalActivationRegularization": 0, "labelSmoothing": 0, "classWeights": null,
                      "validateEverySteps": null, "gradualUnfreezing": null, "layerRateDecay": null, "earlyStoppingPatience": 5, "maxSeconds": null, "seed": 42, "momentum": null, "nesterov": null, "rmsPropDecay": null, "centered": null, "beta1": 0.9, "beta2": 0.999, "amsGrad": false, "epsilon": 1e-8, "weightDecay": 0, "averagingPatience": null },
          "tokenizer": { "kind": "character", "vocabularySize": 55, "lowerCase": false }, "labels": [], "labelShares": null, "lineage": null, "temperature": null, "metrics": { "bitsPerCharacter": 2.41, "validationLoss": 1.67 },
          "dataset": { "name": "dinosaurs", "sha256": "9f2c..." },
          "split": { "validationFraction": 0.1, "validationDataset": null, "method": "shuffled", "trainingSequences": 1382, "validationSequences": 154, "trainingCharacters": 16000, "validationCharacters": 1800 },
          "seed": 42, "jobId": "5f0c6d1c2b7e4d1a9a3e8f7b6c5d4e3f", "createdAt": "2026-01-02T03:04:05.678Z", "parameters": 111259, "bytes": 460000, "tags": {},
          "files": [ { "name": "weights.safetensors", "bytes": 445600, "sha256": "3b1f..." } ] }
        """;

    private const string ReportExample = """
        { "formatVersion": 1, "jobId": "5f0c6d1c2b7e4d1a9a3e8f7b6c5d4e3f", "task": "languageModel", "metrics": { "validationLoss": 1.67 }, "bestEpoch": 18, "stopReason": "epochs", "divergence": null, "rangeTest": null,
          "curve": [ { "epoch": 1, "step": 44, "epochEnded": true, "trainingLoss": 2.6, "validationLoss": 2.3, "validationAccuracy": null, "learningRate": 0.002, "gradientNorm": 0.8, "elapsedSeconds": 0.4 } ],
          "validations": 20,
          "baselines": [ { "name": "trigram", "validationLoss": 2.05, "accuracy": null, "compared": "validationLoss", "networkBetterBy": 0.38, "betterByInterval": null } ], "bestBaseline": "trigram",
          "evaluation": { "confidence": { "level": 0.95, "resamples": 1000, "unit": "lines", "intervals": { "bitsPerCharacter": { "lower": 2.33, "upper": 2.5 }, "perplexity": { "lower": 5.02, "upper": 5.64 }, "validationLoss": { "lower": 1.61, "upper": 1.73 } } },
            "classes": null, "classesOmitted": 0, "confusion": null, "mostConfused": null, "calibration": null, "hardestExamples": null,
            "hardestPassages": [ { "place": 17, "text": "Zhuchengtyrannus", "tokens": 17, "loss": 2.9 } ] },
          "precisions": [ { "precision": "float32", "validationLoss": 1.67, "accuracy": null, "measured": 1900 }, { "precision": "int8", "validationLoss": 1.671, "accuracy": null, "measured": 1900 } ],
          "split": { "validationFraction": 0.1, "validationDataset": null, "method": "shuffled", "trainingSequences": 1382, "validationSequences": 154, "trainingCharacters": 16000, "validationCharacters": 1800 },
          "counts": { "parameters": 111259, "vocabularySize": 55, "labels": 0, "epochs": 20, "trainingTokens": 340000 },
          "times": { "queuedAt": "2026-01-02T03:04:05.678Z", "startedAt": "2026-01-02T03:04:05.700Z", "trainingSeconds": 8.1, "baselineSeconds": 0.1, "tokensPerSecond": 42000 },
          "hardware": { "processor": "unknown", "cores": 2, "simdBits": 512, "architecture": "X64", "operatingSystem": "Linux", "dotNet": ".NET 10.0", "trainingThreads": 2 } }
        """;

    /// <summary>Maps the routes of versions.</summary>
    public static IEndpointRouteBuilder MapVersions(this IEndpointRouteBuilder routes)
    {
        var versions = routes.MapGroup("/api/v1/models/{name}/versions/{version}").WithTags("Models")
            .DescribesParameter("name", "The model's name.", "dinosaurs")
            .DescribesParameter("version", "The version's number.", "3");

        versions.MapGet("", GetAsync).WithName("getModelVersion").Produces<VersionManifest>(200, Json).Produces(304)
            .WithSummary("Get the manifest of a version")
            .WithDescription("How the version came to be, what it reaches, and its files with their hashes. `ETag` is the manifest's SHA-256.")
            .ResponseExample(200, ManifestExample)
            .ProducesProblems(400, 404, 409);

        versions.MapGet("/report", GetReportAsync).WithName("getModelVersionReport").Produces<TrainingReport>(200, Json).Produces(304)
            .WithSummary("Get the report of a version")
            .WithDescription("Curves, metrics with intervals, labels, calibration, the hardest examples, split, counts, times and hardware of the training, and what simple models reach on the same split.")
            .ResponseExample(200, ReportExample)
            .ProducesProblems(400, 404, 409);

        versions.MapGet("/files/{file}", GetFileAsync).WithName("downloadModelFile").Produces<Stream>(200, Bytes, Json, ResultsCsv.MediaType).Produces(206).Produces(304)
            .DescribesParameter("file", "`weights.safetensors`, `tokenizer.json`, `report.json`, `manifest.json`, `model.onnx` or `results.csv`.", "weights.safetensors")
            .WithSummary("Download a file of a version")
            .WithDescription("The bytes of the file; `ETag` is their SHA-256. Ranges and `If-None-Match` are served. `model.onnx` is the network for ONNX runtimes, derived from the weights, "
                + "`results.csv` the metrics and the curve, derived from the report: made when they are asked for, the same bytes each time, and hence not among the files of the manifest.")
            .ProducesProblems(400, 404, 409, 416)
            .DisableRequestTimeout(); // a slow line is no fault; one that stands still is closed by the server

        versions.MapDelete("", DeleteAsync).WithName("deleteModelVersion")
            .WithSummary("Delete a version")
            .WithDescription("Not while an alias other than `latest` points at it. Its number is never used again.")
            .ProducesProblems(400, 404, 409);

        return routes;
    }

    private static Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetAsync(
        string name, string version, ModelCatalog catalog, ModelFolders folders, CancellationToken cancellationToken) =>
        SendAsync(name, version, VersionFolder.ManifestFile, catalog, folders, cancellationToken);

    private static Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetReportAsync(
        string name, string version, ModelCatalog catalog, ModelFolders folders, CancellationToken cancellationToken) =>
        SendAsync(name, version, VersionFolder.ReportFile, catalog, folders, cancellationToken);

    private static async Task<Results<PhysicalFileHttpResult, FileContentHttpResult, ProblemHttpResult>> GetFileAsync(
        string name, string version, string file, HttpContext context, ModelCatalog catalog, ModelFolders folders, OnnxFiles exports, DescribedVersions reports, CancellationToken cancellationToken)
    {
        if (file == ResultsCsv.FileName)
        {
            var results = await SendResultsAsync(name, version, reports, cancellationToken);
            return results.Result is FileContentHttpResult csv ? csv : (ProblemHttpResult)results.Result;
        }

        var sent = file == OnnxFiles.FileName
            ? await SendExportAsync(name, version, context, catalog, exports, cancellationToken)
            : await SendAsync(name, version, file, catalog, folders, cancellationToken);
        return sent.Result is PhysicalFileHttpResult found ? found : (ProblemHttpResult)sent.Result;
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string name, string version, ModelRegistry registry, CancellationToken cancellationToken)
    {
        if (ParseOrProblem(name, version, out int number) is { } problem)
            return problem;
        var outcome = await registry.DeleteVersionAsync(name, number, cancellationToken);
        return outcome.Status switch
        {
            DeletionStatus.Deleted => TypedResults.NoContent(),
            DeletionStatus.Aliased => ModelProblems.Aliased($"Version {number} of model '{name}'", outcome.Aliases),
            DeletionStatus.Needed => ModelProblems.Needed($"Version {number} of model '{name}'", outcome.NeededBy ?? "something else"),
            DeletionStatus.UnknownVersion => ModelProblems.UnknownVersion(name, number),
            _ => ModelProblems.UnknownModel(name),
        };
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> SendAsync(
        string name, string version, string file, ModelCatalog catalog, ModelFolders folders, CancellationToken cancellationToken)
    {
        var (number, problem) = await FindAsync(name, version, catalog, cancellationToken);
        if (problem is not null)
            return problem;
        var folder = folders.Version(name, number);
        // Only these names ever become paths.
        if (file != VersionFolder.ManifestFile && !VersionFolder.ContentFiles.Contains(file))
            return ServiceProblems.NotFound($"Version {number} of model '{name}' has no file {Problems.Quoted(file)}; it has {VersionFolder.ManifestFile}, {string.Join(", ", VersionFolder.ContentFiles)}, {OnnxFiles.FileName} and {ResultsCsv.FileName}.");
        string? hash = file == VersionFolder.ManifestFile
            ? await HashAsync(folder, cancellationToken)
            : folder.ReadManifest().Manifest?.Files.First(entry => entry.Name == file).Sha256;
        return TypedResults.PhysicalFile(
            folder.PathOf(file),
            file.EndsWith(".json", StringComparison.Ordinal) ? Json : Bytes,
            entityTag: new EntityTagHeaderValue($"\"{hash}\""),
            enableRangeProcessing: true);
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> SendResultsAsync(string name, string version, DescribedVersions reports, CancellationToken cancellationToken)
    {
        if (ParseOrProblem(name, version, out int number) is { } problem)
            return problem;
        var found = await reports.ReadAsync(new ModelReference(name, number, null), cancellationToken);
        if (found.Version is not { } described)
            return found.Problem!;
        byte[] csv = ResultsCsv.Of(described.Report);
        return TypedResults.File(csv, $"{ResultsCsv.MediaType}; charset=utf-8", ResultsCsv.FileName, enableRangeProcessing: true, entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(csv))}\""));
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> SendExportAsync(
        string name, string version, HttpContext context, ModelCatalog catalog, OnnxFiles exports, CancellationToken cancellationToken)
    {
        var (number, problem) = await FindAsync(name, version, catalog, cancellationToken);
        if (problem is not null)
            return problem;
        var export = await exports.AcquireAsync(new ModelKey(name, number), cancellationToken);
        if (export.Lease is not { } lease)
            return export.Problem!;
        context.Response.RegisterForDispose(lease);
        return TypedResults.PhysicalFile(
            lease.Value.Path, Bytes, lastModified: lease.Value.CreatedAt, entityTag: new EntityTagHeaderValue($"\"{lease.Value.Sha256}\""), enableRangeProcessing: true);
    }

    /// <summary>The number of a version that exists and is whole, or what is wrong.</summary>
    private static async Task<(int Number, ProblemHttpResult? Problem)> FindAsync(string name, string version, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (ParseOrProblem(name, version, out int number) is { } problem)
            return (number, problem);
        var resolved = await catalog.ResolveAsync(new ModelReference(name, number, null), cancellationToken);
        if (resolved.Version is not { } row)
            return (number, ModelProblems.NotFound(resolved));
        return (number, row is { DamagedFile: { } damaged, Damage: { } reason } ? ModelProblems.Damaged(name, number, new VersionDamage(damaged, reason)) : null);
    }

    private static async Task<string> HashAsync(VersionFolder folder, CancellationToken cancellationToken)
    {
        await using var manifest = folder.OpenRead(VersionFolder.ManifestFile);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(manifest, cancellationToken));
    }

    internal static ProblemHttpResult? ParseOrProblem(string name, string version, out int number)
    {
        var problems = new Problems();
        problems.Name("name", name);
        if (ModelReference.ParseVersionOrNull(version) is { } parsed)
        {
            number = parsed;
        }
        else
        {
            number = 0;
            problems.Add("version", $"must be a whole number from 1; given {Problems.Quoted(version)}");
        }

        return problems.Any ? ServiceProblems.BadRequest(problems) : null;
    }
}
