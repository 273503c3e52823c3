using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>Models, their versions and aliases.</summary>
public static class ModelsFeature
{
    internal const string VersionExample = """
        { "model": "dinosaurs", "version": 3, "reference": "dinosaurs:3", "task": "languageModel", "status": "ready", "damage": null, "createdAt": "2026-01-02T03:04:05.678Z",
          "jobId": "5f0c6d1c2b7e4d1a9a3e8f7b6c5d4e3f", "importedAt": null, "description": "Trained on the names up to 2025.", "tags": { "reviewed": "yes" },
          "parameters": 111259, "bytes": 460000, "metrics": { "bitsPerToken": 2.4, "perplexity": 5.3, "tokens": 1500, "validationLoss": 1.67 } }
        """;

    internal const string ModelExample = $$"""
        { "name": "dinosaurs", "task": "languageModel", "description": "Invents names for the museum's shop.", "tags": { "team": "museum" },
          "versions": [ {{VersionExample}} ],
          "aliases": { "latest": 3, "production": 3 } }
        """;

    /// <summary>Adds the registry, the memory for loaded models and the room for files derived from them.</summary>
    public static IServiceCollection AddModels(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ModelOptions>().Bind(configuration.GetSection(ModelOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ModelFolders>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<RegistryGate>();
        services.AddSingleton<VersionSearch>();
        services.AddSingleton<NotesEditor>();
        services.AddSingleton<ModelRegistry>();
        services.AddSingleton<ModelHost>();
        services.AddSingleton<JobSnapshots>();
        services.AddSingleton<OnnxFiles>();
        return services.AddStartupTask<ModelIndex>().AddStartupTask<StartVerification>();
    }

    /// <summary>Maps the routes of models.</summary>
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/v1/models").WithTags("Models");

        models.MapGet("", ListAsync).WithName("listModels").ReadsQuery<ModelQuery>()
            .WithSummary("List and search models")
            .WithDescription("Models that have versions, in the order of their names: all, or those that have a version of which everything holds that is asked for. Which versions these are, `GET /api/v1/versions` tells with the same parameters.")
            .ResponseExample(200, $$"""{ "items": [ {{ModelExample}} ], "next": null }""")
            .ProducesProblems(400);

        models.MapGet("/{name}", GetAsync).WithName("getModel").DescribesModel()
            .WithSummary("Get a model")
            .WithDescription("A model with its versions and aliases. A version whose files are not what its manifest says is listed as damaged.")
            .ResponseExample(200, ModelExample)
            .ProducesProblems(400, 404);

        models.MapDelete("/{name}", DeleteAsync).WithName("deleteModel").DescribesModel()
            .WithSummary("Delete a model")
            .WithDescription("Deletes all versions. Not while an alias other than `latest` points at one. Their numbers are never used again.")
            .ProducesProblems(400, 404, 409);

        models.MapPut("/{name}/aliases/{alias}", SetAliasAsync).WithName("setAlias").DescribesModel().DescribesAlias().ReadsBody<AliasRequest>()
            .WithSummary("Point an alias at a version")
            .WithDescription("Makes the alias or moves it, at once for all readers. `latest` and names that begin with `job-` are the service's own and cannot be set.")
            .RequestExample("""{ "version": 3 }""")
            .ResponseExample(200, ModelExample)
            .ProducesProblems(400, 404, 409, 413, 415);

        models.MapDelete("/{name}/aliases/{alias}", DeleteAliasAsync).WithName("deleteAlias").DescribesModel().DescribesAlias()
            .WithSummary("Delete an alias")
            .WithDescription("The version that it points at stays.")
            .ProducesProblems(400, 404);

        return routes;
    }

    private static RouteHandlerBuilder DescribesModel(this RouteHandlerBuilder builder) => builder.DescribesParameter("name", "The model's name.", "dinosaurs");

    private static RouteHandlerBuilder DescribesAlias(this RouteHandlerBuilder builder) => builder.DescribesParameter("alias", "The alias.", "production");

    private static async Task<Results<Ok<Page<ModelResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext context, RequestReader reader, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<ModelQuery>(context);
        if (!query.IsValid)
            return query.Problem;
        var models = await catalog.ListAsync(query.Value.ToFilter(), query.Value.AfterKey, query.Value.Size + 1, cancellationToken);
        return TypedResults.Ok(models.Select(ModelResponse.Of).ToList().ToPage(query.Value.Size, model => Cursor.Of(model.Name)));
    }

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> GetAsync(string name, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (!ResourceName.IsValid(name))
            return ServiceProblems.BadName("name", name);
        return await catalog.FindOrNullAsync(name, cancellationToken) is { } model ? TypedResults.Ok(ModelResponse.Of(model)) : ModelProblems.UnknownModel(name);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string name, ModelRegistry registry, CancellationToken cancellationToken)
    {
        if (!ResourceName.IsValid(name))
            return ServiceProblems.BadName("name", name);
        var outcome = await registry.DeleteModelAsync(name, cancellationToken);
        return outcome.Status switch
        {
            DeletionStatus.Deleted => TypedResults.NoContent(),
            DeletionStatus.Aliased => ModelProblems.Aliased($"Model '{name}'", outcome.Aliases),
            DeletionStatus.Needed => ModelProblems.Needed($"Model '{name}'", outcome.NeededBy ?? "something else"),
            _ => ModelProblems.UnknownModel(name),
        };
    }

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> SetAliasAsync(
        string name, string alias, HttpContext context, RequestReader reader, ModelRegistry registry, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (NameProblemOrNull(name, alias) is { } problem)
            return problem;
        var body = await reader.ReadBodyAsync<AliasRequest>(context, cancellationToken);
        if (!body.IsValid)
            return body.Problem;

        int version = body.Value.Version;
        var outcome = await registry.SetAliasAsync(name, alias, version, cancellationToken);
        if (outcome.Status == AliasStatus.UnknownVersion)
            return ServiceProblems.NotFound("version", $"model '{name}' has no version {version}");
        if (outcome is { Status: AliasStatus.DamagedVersion, Damage: { } damage })
            return ModelProblems.Damaged(name, version, damage);
        return outcome.Status == AliasStatus.Moved && await catalog.FindOrNullAsync(name, cancellationToken) is { } model
            ? TypedResults.Ok(ModelResponse.Of(model))
            : ModelProblems.UnknownModel(name);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAliasAsync(
        string name, string alias, ModelRegistry registry, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (NameProblemOrNull(name, alias) is { } problem)
            return problem;
        if (await registry.DeleteAliasAsync(name, alias, cancellationToken))
            return TypedResults.NoContent();
        return await catalog.FindOrNullAsync(name, cancellationToken) is null
            ? ModelProblems.UnknownModel(name)
            : ModelProblems.NotFound(new ResolvedReference(ReferenceStatus.UnknownAlias, new ModelReference(name, null, alias), null));
    }

    /// <summary>What is wrong with the names in the path of an alias, all of it.</summary>
    private static ProblemHttpResult? NameProblemOrNull(string name, string alias)
    {
        var problems = new Problems();
        problems.Name("name", name);
        problems.Name("alias", alias);
        if (alias == ModelReference.Latest)
            problems.Add("alias", "is kept by the service: the highest version that exists; it cannot be set or deleted");
        else if (alias.StartsWith(ModelReference.ReservedPrefix, StringComparison.Ordinal))
            problems.Add("alias", $"must not begin with \"{ModelReference.ReservedPrefix}\", which is the service's own; given {Problems.Quoted(alias)}");
        return problems.Any ? ServiceProblems.BadRequest(problems) : null;
    }
}
