using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>Descriptions and tags of models and versions, which change while the files of a version don't.</summary>
public static class NotesFeature
{
    private const string RequestExample = """{ "description": "Trained on the names up to 2025.", "tags": { "reviewed": "yes" }, "removeTags": ["draft"] }""";

    private const string Rules = "What is left out stays as it is; an empty `description` clears it, `tags` sets the tags that it names, `removeTags` removes those of its keys: all of it at once. At most 16 tags.";

    /// <summary>Maps the changes.</summary>
    public static IEndpointRouteBuilder MapNotes(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/v1/models/{name}").WithTags("Models").DescribesParameter("name", "The model's name.", "dinosaurs");
        models.MapPatch("", ChangeModelAsync).WithName("changeModel").ReadsBody<NotesRequest>()
            .WithSummary("Change description and tags of a model")
            .WithDescription(Rules)
            .RequestExample(RequestExample)
            .ResponseExample(200, ModelsFeature.ModelExample)
            .ProducesProblems(400, 404, 409, 413, 415);

        models.MapPatch("/versions/{version}", ChangeVersionAsync).WithName("changeModelVersion").ReadsBody<NotesRequest>()
            .DescribesParameter("version", "The version's number.", "3")
            .WithSummary("Change description and tags of a version")
            .WithDescription($"{Rules} A version begins with the tags of its job; those in its manifest stay what they were.")
            .RequestExample(RequestExample)
            .ResponseExample(200, ModelsFeature.VersionExample)
            .ProducesProblems(400, 404, 409, 413, 415);
        return routes;
    }

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> ChangeModelAsync(
        string name, HttpContext context, RequestReader reader, NotesEditor editor, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (!ResourceName.IsValid(name))
            return ServiceProblems.BadName("name", name);
        var body = await reader.ReadBodyAsync<NotesRequest>(context, cancellationToken);
        if (!body.IsValid)
            return body.Problem;
        return await editor.ChangeAsync(name, body.Value, cancellationToken) switch
        {
            NotesStatus.TooManyTags => ModelProblems.TooManyTags($"Model '{name}'"),
            NotesStatus.Changed when await catalog.FindOrNullAsync(name, cancellationToken) is { } model => TypedResults.Ok(ModelResponse.Of(model)),
            _ => ModelProblems.UnknownModel(name),
        };
    }

    private static async Task<Results<Ok<VersionResponse>, ProblemHttpResult>> ChangeVersionAsync(
        string name, string version, HttpContext context, RequestReader reader, NotesEditor editor, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (VersionsFeature.ParseOrProblem(name, version, out int number) is { } malformed)
            return malformed;
        var body = await reader.ReadBodyAsync<NotesRequest>(context, cancellationToken);
        if (!body.IsValid)
            return body.Problem;
        return await editor.ChangeAsync(name, number, body.Value, cancellationToken) switch
        {
            NotesStatus.TooManyTags => ModelProblems.TooManyTags($"Version {number} of model '{name}'"),
            NotesStatus.UnknownModel => ModelProblems.UnknownModel(name),
            NotesStatus.Changed when await catalog.FindVersionOrNullAsync(name, number, cancellationToken) is { } row => TypedResults.Ok(VersionResponse.Of(row)),
            _ => ModelProblems.UnknownVersion(name, number),
        };
    }
}
