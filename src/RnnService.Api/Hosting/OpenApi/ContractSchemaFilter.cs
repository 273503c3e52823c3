using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace RnnService.Api.Hosting.OpenApi;

/// <summary>
/// Makes schemas say what the service does: requests are closed (unknown members are refused) and answers are open (members may be added later)
/// and whole (every member is sent, null where there is nothing).
/// </summary>
internal sealed class ContractSchemaFilter(EndpointDataSource endpoints) : ISchemaFilter
{
    // Lazy: the filter is made before the endpoints are mapped.
    private readonly Lazy<Dictionary<Type, ContractShape>> _requests = new(() => Requests(endpoints));

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema own) return;
        if (context.MemberInfo?.GetCustomAttributes(typeof(MaxTextBytesAttribute), true).FirstOrDefault() is MaxTextBytesAttribute bytes) LimitText(own, bytes.Bytes);

        if (context.Type == typeof(ProblemDetails)) DescribeProblem(own);
        else if (own.Properties is null or { Count: 0 }) return;
        else if (_requests.Value.TryGetValue(context.Type, out var shape)) Close(own, shape);
        else Open(own, context.Type);
    }

    private static Dictionary<Type, ContractShape> Requests(EndpointDataSource endpoints)
    {
        var known = new Dictionary<Type, ContractShape>();
        foreach (var body in endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<JsonBody>()).OfType<JsonBody>())
        {
            ContractShape.Of(body.Type, ServiceJson.Options, known);
        }

        return known;
    }

    private static void Close(OpenApiSchema schema, ContractShape shape)
    {
        schema.AdditionalPropertiesAllowed = false;
        schema.Required = shape.Members.Values.Where(member => member.Required).Select(member => member.Name).ToHashSet();
        foreach (var name in schema.Properties!.Keys.Except(shape.Members.Keys).ToArray()) schema.Properties.Remove(name);
        foreach (var (name, property) in schema.Properties)
        {
            // An explicit null means left out, so it is allowed wherever the member may be left out.
            if (property is OpenApiSchema own) SetNullable(own, !shape.Members[name].Required);
        }
    }

    private static void Open(OpenApiSchema schema, Type type)
    {
        schema.AdditionalPropertiesAllowed = true;
        schema.Required = schema.Properties!.Keys.ToHashSet();
        var nullability = new NullabilityInfoContext();
        foreach (var member in type.GetProperties())
        {
            if (!schema.Properties.TryGetValue(JsonNamingPolicy.CamelCase.ConvertName(member.Name), out var property) || property is not OpenApiSchema own) continue;
            own.ReadOnly = false;
            SetNullable(own, nullability.Create(member).ReadState == NullabilityState.Nullable);
        }
    }

    private static void SetNullable(OpenApiSchema schema, bool isNullable)
    {
        if (isNullable) schema.Type = (schema.Type ?? 0) | JsonSchemaType.Null;
        else if (schema.Type is { } type) schema.Type = (type & ~JsonSchemaType.Null) is var bare && bare == 0 ? null : bare;
    }

    private static void LimitText(OpenApiSchema schema, int bytes)
    {
        // OpenAPI counts characters; a limit in bytes allows at most as many.
        var text = schema.Items as OpenApiSchema ?? schema;
        text.MaxLength = bytes;
        text.Description = (text.Description is null ? "" : text.Description + " ") + $"At most {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes as UTF-8.";
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.Description = "What went wrong (RFC 9457).";
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("The kind of problem, a URI relative to the service."),
            ["title"] = Text("The kind of problem in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The status code of the answer." },
            ["detail"] = Text("What is wrong in this case."),
            ["instance"] = Text("The path that was asked for."),
            ["traceId"] = Text("The mark of this request in the service's log."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Everything that is wrong with the request, by the path of the member or the name of the parameter; \"$\" is the body as a whole.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        };
        schema.Required = new HashSet<string> { "type", "title", "status", "traceId" };
        schema.AdditionalPropertiesAllowed = true;
    }

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}
