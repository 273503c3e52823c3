using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using RnnService.Api.Hosting;
using RnnService.Api.Models;

namespace RnnService.Api.Reports;

/// <summary>What people read of versions: model cards and comparisons.</summary>
public static class ReportsFeature
{
    private const string MarkdownType = "text/markdown";
    private const string HtmlType = "text/html";

    private const string ComparisonExample = """
        { "task": "classification",
          "first": { "model": "opinions", "version": 1, "createdAt": "2026-01-02T03:04:05.678Z", "importedAt": null, "parameters": 41202, "trainingSeconds": 2.1 },
          "second": { "model": "opinions", "version": 2, "createdAt": "2026-01-03T03:04:05.678Z", "importedAt": null, "parameters": 41202, "trainingSeconds": 2.3 },
          "sameTrainingData": true, "sameValidationData": true, "sameWeights": false,
          "settings": [ { "path": "training.learningRate", "first": "0.002", "second": "0.004" } ], "data": [],
          "metrics": [ { "name": "accuracy", "first": 0.8, "second": 0.86, "difference": 0.06, "firstInterval": { "lower": 0.72, "upper": 0.88 }, "secondInterval": { "lower": 0.79, "upper": 0.92 }, "intervalsOverlap": true } ] }
        """;

    /// <summary>Adds what reads reports.</summary>
    public static IServiceCollection AddReports(this IServiceCollection services) => services.AddSingleton<DescribedVersions>();

    /// <summary>Maps the routes of cards and comparisons.</summary>
    public static IEndpointRouteBuilder MapReports(this IEndpointRouteBuilder routes)
    {
        var versions = routes.MapGroup("/api/v1/models/{name}/versions/{version}").WithTags("Models")
            .DescribesParameter("name", "The model's name.", "dinosaurs")
            .DescribesParameter("version", "The version's number.", "3");

        versions.MapGet("/card", CardAsync).WithName("getModelCard").ReadsQuery<CardQuery>().Produces<string>(200, MarkdownType, HtmlType)
            .WithSummary("Get the model card of a version")
            .WithDescription("What the version is, what it reaches with intervals and beside simple models, where it fails, its data, settings, hardware and limits, and the request that trains it anew to the same weights. Markdown, or HTML by `Accept: text/html` or `?format=html`.")
            .ProducesProblems(400, 404, 409);

        versions.MapGet("/compare", CompareAsync).WithName("compareModelVersions").ReadsQuery<CompareQuery>()
            .WithSummary("Compare two versions")
            .WithDescription("How this version differs from another one, of the same model or of another one with the same task: settings, data, and metrics with whether their intervals overlap.")
            .ResponseExample(200, ComparisonExample)
            .ProducesProblems(400, 404, 409);

        return routes;
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> CardAsync(
        string name, string version, HttpContext context, RequestReader reader, DescribedVersions versions, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<CardQuery>(context);
        if (!query.IsValid)
            return query.Problem;
        if (VersionsFeature.ParseOrProblem(name, version, out int number) is { } malformed)
            return malformed;
        var found = await versions.ReadAsync(new ModelReference(name, number, null), cancellationToken);
        if (found.Version is not { } described)
            return found.Problem!;

        var card = new ModelCard(name, number, described.Manifest, described.Report, described.Notes, described.Import);
        context.Response.Headers.Vary = HeaderNames.Accept;
        bool page = (query.Value.Format ?? (WantsPage(context.Request) ? CardFormat.Html : CardFormat.Markdown)) == CardFormat.Html;
        if (!page)
            return TypedResults.Text(card.ToString(), $"{MarkdownType}; charset=utf-8");
        var (before, after) = card.Markdown();
        return TypedResults.Text(CardPage.Of(card.Title, before, CurveSvg.Of(described.Report.Curve), after), $"{HtmlType}; charset=utf-8");
    }

    private static async Task<Results<Ok<ComparisonResponse>, ProblemHttpResult>> CompareAsync(
        string name, string version, HttpContext context, RequestReader reader, DescribedVersions versions, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<CompareQuery>(context);
        if (!query.IsValid)
            return query.Problem;
        if (VersionsFeature.ParseOrProblem(name, version, out int number) is { } malformed)
            return malformed;
        if (ModelReference.ParseOrNull(query.Value.With) is not { } with)
            return ServiceProblems.BadRequest("with", $"{ModelReference.Rule}; given {Problems.Quoted(query.Value.With)}");
        var first = await versions.ReadAsync(new ModelReference(name, number, null), cancellationToken);
        if (first.Version is null)
            return first.Problem!;
        var second = await versions.ReadAsync(with, cancellationToken);
        if (second.Version is null)
            return second.Problem!;
        if (first.Version.Manifest.Task != second.Version.Manifest.Task)
        {
            return ServiceProblems.Conflict(
                $"The versions have different tasks, {ModelProblems.TaskName(first.Version.Manifest.Task)} and {ModelProblems.TaskName(second.Version.Manifest.Task)}, whose numbers cannot be compared.", "wrong-task");
        }

        return TypedResults.Ok(VersionComparison.Of(first.Version, second.Version));
    }

    /// <summary>Browsers name HTML, and nothing that they name is Markdown.</summary>
    private static bool WantsPage(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) && Quality(accepted, HtmlType) is > 0 and var html && html >= (Quality(accepted, MarkdownType) ?? 0);

    private static double? Quality(IList<MediaTypeHeaderValue> accepted, string type) =>
        accepted.Where(value => value.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(value => value.Quality ?? 1).Cast<double?>().Max();
}

/// <summary>How a model card is written.</summary>
public enum CardFormat
{
    Markdown,
    Html,
}

/// <summary>How to write a model card.</summary>
public sealed record CardQuery : IRequestContract
{
    /// <summary>The format; left out, as the header Accept says, else Markdown.</summary>
    public CardFormat? Format { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
    }
}

/// <summary>What to compare a version with.</summary>
public sealed record CompareQuery : IRequestContract
{
    /// <summary>The other version: `name` (its latest version), `name:3`, `name@alias`, or `name@job-{id}`: what a training job published.</summary>
    public required string With { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
    }
}
