using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace RnnService.Api.Hosting.OpenApi;

/// <summary>Tells what an operation reads: the contract of its query, the headers that it looks at, its JSON body with examples, and what the parts of its path stand for.</summary>
internal sealed class ReadsFilter : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<QueryContract>().LastOrDefault() is { } query) AddQuery(operation, query.Type, context);
        foreach (var header in metadata.OfType<HeaderDescription>()) AddHeader(operation, header);
        if (metadata.OfType<JsonBody>().LastOrDefault() is { } body) AddBody(operation, body.Type, context);
        foreach (var example in metadata.OfType<BodyExample>().Where(example => example.Status is null)) AddExample(operation, example.Json);
        foreach (var description in metadata.OfType<ParameterDescription>()) Describe(operation, description);
    }

    private static void AddQuery(OpenApiOperation operation, Type contract, OperationFilterContext context)
    {
        var shape = ContractShape.Of(contract, ServiceJson.Options, []);
        operation.Parameters ??= [];
        foreach (var property in ServiceJson.Options.GetTypeInfo(contract).Properties.Where(property => shape.Members.ContainsKey(property.Name)))
        {
            var member = contract.GetProperties().Single(candidate => JsonNamingPolicy.CamelCase.ConvertName(candidate.Name) == property.Name);
            var schema = context.SchemaGenerator.GenerateSchema(property.PropertyType, context.SchemaRepository, member);
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = property.Name,
                In = ParameterLocation.Query,
                Required = shape.Members[property.Name].Required,
                Description = schema.Description,
                Schema = WithoutDescription(schema),
            });
        }
    }

    private static void AddHeader(OpenApiOperation operation, HeaderDescription header)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = header.Name,
            In = ParameterLocation.Header,
            Description = header.Description,
            Example = JsonValue.Create(header.Example),
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }

    private static IOpenApiSchema WithoutDescription(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema own) own.Description = null;
        return schema;
    }

    private static void AddBody(OpenApiOperation operation, Type contract, OperationFilterContext context) => operation.RequestBody = new OpenApiRequestBody
    {
        Required = true,
        Content = new Dictionary<string, IOpenApiMediaType>
        {
            ["application/json"] = new OpenApiMediaType { Schema = context.SchemaGenerator.GenerateSchema(contract, context.SchemaRepository) },
        },
    };

    private static void AddExample(OpenApiOperation operation, string json)
    {
        foreach (var media in (operation.RequestBody?.Content?.Values ?? []).OfType<OpenApiMediaType>()) media.Example = JsonNode.Parse(json);
    }

    private static void Describe(OpenApiOperation operation, ParameterDescription description)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter.Name == description.Name))
        {
            parameter.Description = description.Description;
            parameter.Example = JsonValue.Create(description.Example);
        }
    }
}
