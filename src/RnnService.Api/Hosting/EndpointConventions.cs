using System.Diagnostics.CodeAnalysis;

namespace RnnService.Api.Hosting;

/// <summary>What an endpoint reads, said where it is mapped: enforced for every request and told in the OpenAPI document.</summary>
public static class EndpointConventions
{
    /// <summary>The endpoint reads a JSON body with <see cref="RequestReader.ReadBodyAsync{T}"/>, within these limits. Endpoints that declare no body refuse one.</summary>
    public static RouteHandlerBuilder ReadsBody<T>(this RouteHandlerBuilder builder, RequestLimits? limits = null)
        where T : class, IRequestContract => builder.WithMetadata(limits ?? RequestLimits.Default, new JsonBody(typeof(T)));

    /// <summary>The endpoint reads its query string with <see cref="RequestReader.ReadQuery{T}"/>. Endpoints without this refuse every query parameter.</summary>
    public static RouteHandlerBuilder ReadsQuery<T>(this RouteHandlerBuilder builder)
        where T : class, IRequestContract => builder.WithMetadata(new QueryContract(typeof(T)));

    /// <summary>An example of the request body, as JSON.</summary>
    public static RouteHandlerBuilder RequestExample(this RouteHandlerBuilder builder, [StringSyntax(StringSyntaxAttribute.Json)] string json) =>
        builder.WithMetadata(new BodyExample(null, json));

    /// <summary>An example of the answer with this status, as JSON.</summary>
    public static RouteHandlerBuilder ResponseExample(this RouteHandlerBuilder builder, int status, [StringSyntax(StringSyntaxAttribute.Json)] string json) =>
        builder.WithMetadata(new BodyExample(status, json));

    /// <summary>What a parameter of the path stands for, with an example.</summary>
    public static TBuilder DescribesParameter<TBuilder>(this TBuilder builder, string name, string description, string example)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ParameterDescription(name, description, example));

    /// <summary>A header that the endpoint looks at, told in the OpenAPI document.</summary>
    public static RouteHandlerBuilder ReadsHeader(this RouteHandlerBuilder builder, string name, string description, string example) =>
        builder.WithMetadata(new HeaderDescription(name, description, example));

    /// <summary>The problems that the endpoint answers with besides those of every endpoint.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses) builder.ProducesProblem(status);
        return builder;
    }
}

/// <summary>Metadata: the contract of the query string.</summary>
internal sealed record QueryContract(Type Type);

/// <summary>Metadata: the contract of the JSON body. It names no media type to routing, so that RequestReader can say what is wrong with one.</summary>
internal sealed record JsonBody(Type Type);

/// <summary>Metadata: an example of a body; <paramref name="Status"/> is null for the request's.</summary>
internal sealed record BodyExample(int? Status, string Json);

/// <summary>Metadata: a parameter of the path.</summary>
internal sealed record ParameterDescription(string Name, string Description, string Example);

/// <summary>Metadata: a header of the request that the operation looks at.</summary>
internal sealed record HeaderDescription(string Name, string Description, string Example);
