using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RnnService.Api.Hosting;
using RnnService.Api.Hosting.OpenApi;
using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Hosting;

/// <summary>The foundations of the service under a few endpoints that exist for tests alone.</summary>
public sealed class SampleApi : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private SampleApi()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration["Storage:Root"] = _folder.Path;
        builder.Configuration["Hosting:RequestTimeoutSeconds"] = "1";
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddHosting(builder.Configuration).AddOpenApiDocument().AddStorage(builder.Configuration);
        _app = builder.Build();
        _app.UseHosting();
        _app.MapOpenApi();
        Map(_app.MapGroup("/api/v1"));
    }

    public HttpClient Client { get; private set; } = null!;

    public static async Task<SampleApi> StartAsync()
    {
        var api = new SampleApi();
        await api._app.StartAsync();
        await api._app.Services.GetRequiredService<ServiceReadiness>().WaitUntilStartedAsync(CancellationToken.None);
        api.Client = api._app.GetTestClient();
        return api;
    }

    /// <summary>Sends a request; the status and the JSON of the answer.</summary>
    public async Task<(int Status, JsonNode Json, HttpResponseMessage Response)> SendAsync(string method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative)) { Content = content };
        var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!, response);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/orders", async (HttpContext context, RequestReader reader, CancellationToken cancellationToken) =>
        {
            var order = await reader.ReadBodyAsync<SampleOrder>(context, cancellationToken);
            return order.IsValid ? Results.Ok(order.Value) : order.Problem;
        }).ReadsBody<SampleOrder>(new RequestLimits { MaxBodyBytes = 2048 }).WithName("createOrder").RequestExample("""{ "name": "a" }""").Produces<SampleOrder>();
        routes.MapGet("/orders", (HttpContext context, RequestReader reader) =>
        {
            var query = reader.ReadQuery<SampleQuery>(context);
            return query.IsValid ? Results.Ok(query.Value) : query.Problem;
        }).ReadsQuery<SampleQuery>().WithName("listOrders").Produces<Page<SampleOrder>>();
        routes.MapPost("/orders/{id}/cancel", (string id) => TypedResults.Ok(new { id })).WithName("cancelOrder").DescribesParameter("id", "The order.", "7");
        routes.MapGet("/throws", string () => throw new InvalidOperationException("secret of the house")).WithName("throws");
        routes.MapGet("/refuses", string () => throw new BadHttpRequestException("Request body too large.", 413)).WithName("refuses");
        routes.MapGet("/slow", async (CancellationToken cancellationToken) => await Task.Delay(TimeSpan.FromMinutes(1), cancellationToken)).WithName("slow");
        routes.MapGet("/nan", () => TypedResults.Ok(new SampleNumbers(double.NaN, float.PositiveInfinity, 1.5, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), SampleKind.SecondKind))).WithName("nan");
    }
}

public enum SampleKind
{
    First,
    SecondKind,
}

public sealed record SampleNumbers(double Value, float Narrow, double Finite, DateTimeOffset At, SampleKind Kind);

public sealed record SampleOrder : IRequestContract
{
    [ResourceName]
    public required string Name { get; init; }

    [Range(1, 8)]
    public int? Layers { get; init; }

    [Range(0d, 100d, MinimumIsExclusive = true)]
    public double? Rate { get; init; }

    [Range(0d, 9007199254740991d)]
    public long? Seed { get; init; }

    public SampleKind? Kind { get; init; }

    public bool Flag { get; init; } = true;

    [Length(1, 3), MaxTextBytes(8)]
    public IReadOnlyList<string>? Texts { get; init; }

    [StringLength(5, MinimumLength = 2)]
    public string? Label { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public SampleTraining? Training { get; init; }

    [MaxLength(2)]
    public IReadOnlyList<SampleTraining>? Steps { get; init; }

    public IReadOnlyList<SamplePart>? Parts { get; init; }

    public DateTimeOffset? At { get; init; }

    public int? Free { get; init; }

    public void Validate(Problems problems)
    {
        problems.Tags("tags", Tags);
        if (Training is not null) problems.At("training").ExactlyOne("", ("epochs", Training.Epochs is not null), ("seconds", Training.Seconds is not null));
        if (Layers > 4 && Kind == SampleKind.First) problems.Add("layers", "must be at most 4 for the kind first; given " + JsonSerializer.Serialize(Layers));
    }
}

public sealed record SamplePart
{
    public required string Text { get; init; }

    public required SampleTraining Inner { get; init; }
}

public sealed record SampleTraining
{
    [Range(1, 10_000)]
    public int? Epochs { get; init; }

    [Range(1, 600)]
    public double? Seconds { get; init; }
}

public sealed record SampleQuery : PageQuery
{
    public string? Status { get; init; }

    [Range(0d, 5d)]
    public double? Temperature { get; init; }

    public IReadOnlyList<string>? Stop { get; init; }

    public bool? Header { get; init; }

    public SampleKind? Kind { get; init; }
}
