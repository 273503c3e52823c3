using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Hosting;

namespace RnnService.Api.Tests;

/// <summary>The service in this process, with a data folder of its own. Each test starts one; nothing is shared.</summary>
public sealed class ServiceHost : IAsyncDisposable
{
    private readonly Factory _factory;
    private readonly TemporaryFolder? _ownFolder;

    private ServiceHost(Factory factory, TemporaryFolder? ownFolder)
    {
        _factory = factory;
        _ownFolder = ownFolder;
        Client = factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
    }

    /// <summary>A client of the service.</summary>
    public HttpClient Client { get; }

    /// <summary>The service's own services.</summary>
    public IServiceProvider Services => _factory.Services;

    /// <summary>The data folder.</summary>
    public string Root => _factory.Root;

    /// <summary>Starts a service and waits until it is ready. Without <paramref name="root"/> its data folder is new and removed with it.</summary>
    public static async Task<ServiceHost> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null,
        string? root = null,
        Action<IServiceCollection>? services = null)
    {
        var own = root is null ? new TemporaryFolder() : null;
        var host = new ServiceHost(new Factory(root ?? own!.Path, settings ?? new Dictionary<string, string?>(), services), own);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await host.Services.GetRequiredService<ServiceReadiness>().WaitUntilStartedAsync(patience.Token);
        return host;
    }

    /// <summary>GET; the JSON of the answer, which must have the status.</summary>
    public Task<JsonNode> GetAsync(string path, int status = 200) => SendAsync(HttpMethod.Get, path, null, status);

    /// <summary>DELETE; the answer must have the status.</summary>
    public Task<JsonNode> DeleteAsync(string path, int status = 204) => SendAsync(HttpMethod.Delete, path, null, status);

    /// <summary>POST of JSON (a string is sent as it is, anything else is written as JSON); the JSON of the answer, which must have the status.</summary>
    public Task<JsonNode> PostAsync(string path, object? body, int status = 200) => SendAsync(HttpMethod.Post, path, Json(body), status);

    /// <summary>PUT of JSON; the JSON of the answer, which must have the status.</summary>
    public Task<JsonNode> PutAsync(string path, object? body, int status = 200) => SendAsync(HttpMethod.Put, path, Json(body), status);

    /// <summary>PATCH of JSON; the JSON of the answer, which must have the status.</summary>
    public Task<JsonNode> PatchAsync(string path, object? body, int status = 200) => SendAsync(HttpMethod.Patch, path, Json(body), status);

    /// <summary>Sends a request; the JSON of the answer (an empty object where there is none), which must have the status.</summary>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? content, int status)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{method} {path} should answer {status}, but answered {(int)response.StatusCode}: {text}");
        if (status >= 400) Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>The messages of a problem by path.</summary>
    public static IReadOnlyDictionary<string, string[]> Errors(JsonNode problem) => problem["errors"].Deserialize<Dictionary<string, string[]>>() ?? [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _factory.DisposeAsync();
        _ownFolder?.Dispose();
    }

    private static HttpContent? Json(object? body) => body switch
    {
        null => null,
        string text => new StringContent(text, Encoding.UTF8, "application/json"),
        _ => JsonContent.Create(body, options: ServiceJson.Options),
    };

    private sealed class Factory(string root, IReadOnlyDictionary<string, string?> settings, Action<IServiceCollection>? services) : WebApplicationFactory<Program>
    {
        public string Root { get; } = root;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            builder.UseSetting("Storage:Root", Root);
            builder.UseSetting("Logging:LogLevel:Default", "Warning");
            foreach (var (key, value) in settings) builder.UseSetting(key, value);
            if (services is not null) builder.ConfigureServices(services);
        }
    }
}
