namespace RnnService.Api.Hosting;

/// <summary>What a JSON body of a route may at most be; endpoint metadata, see <see cref="EndpointConventions"/>.</summary>
public sealed record RequestLimits
{
    /// <summary>The limits of routes that name none.</summary>
    public static RequestLimits Default { get; } = new();

    /// <summary>Bytes of the body; more is a 413.</summary>
    public long MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Nested objects and arrays; more is a 400.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>Elements of an array or members of a map whose contract names no length.</summary>
    public int MaxItems { get; init; } = 100_000;
}
