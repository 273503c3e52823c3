using Microsoft.OpenApi;
using SequenceModels.Tasks;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace RnnService.Api.Hosting.OpenApi;

/// <summary>The OpenAPI document at /swagger/v1/swagger.json and its pages at /swagger.</summary>
public static class OpenApiFeature
{
    private const string Description =
        "Trains and serves recurrent sequence models over HTTP: post data, get a trained, versioned, measured model; then sample from it and classify with it. "
        + "All errors are application/problem+json (RFC 9457); a bad request names everything that is wrong with it at once. "
        + "Losses are natural logarithms a token. Times are UTC.";

    /// <summary>Adds the generator of the document.</summary>
    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        // The document follows the very options that requests and answers are read and written with.
        services.AddSingleton<ISerializerDataContractResolver>(new JsonSerializerDataContractResolver(ServiceJson.Options));
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "RnnService",
                Version = "v1",
                Description = Description,
                License = new OpenApiLicense { Name = "MIT", Identifier = null },
            });
            options.SupportNonNullableReferenceTypes();
            options.UseAllOfToExtendReferenceSchemas();
            options.CustomSchemaIds(SchemaNames.Of);
            foreach (var assembly in new[] { typeof(Program).Assembly, typeof(TaskKind).Assembly }) options.IncludeXmlComments(assembly);
            options.OperationFilter<ReadsFilter>();
            options.OperationFilter<AnswersFilter>();
            options.SchemaFilter<ContractSchemaFilter>();
        });
        return services;
    }

    /// <summary>Maps the document and its pages.</summary>
    public static WebApplication MapOpenApi(this WebApplication app)
    {
        app.UseSwagger();
        app.UseSwaggerUI(options =>
        {
            options.DocumentTitle = "RnnService";
            options.SwaggerEndpoint("v1/swagger.json", "RnnService v1");
            options.EnableTryItOutByDefault();
            options.DisplayRequestDuration();
        });
        return app;
    }
}
