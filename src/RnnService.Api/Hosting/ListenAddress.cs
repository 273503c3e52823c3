namespace RnnService.Api.Hosting;

/// <summary>Where the service listens: at its default address only where nothing else gives one.</summary>
public static class ListenAddress
{
    /// <summary>The address of a service that was told none.</summary>
    public const string Default = "http://localhost:5080";

    // ASPNETCORE_, DOTNET_ and plain environment variables and the command line all end up under these keys.
    private static readonly string[] Keys = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];

    /// <summary>Gives the service its default address if the configuration has none.</summary>
    public static void Apply(WebApplicationBuilder builder)
    {
        if (!IsConfigured(builder.Configuration)) builder.WebHost.UseUrls(Default);
    }

    /// <summary>Whether the configuration names an address, a port or a Kestrel endpoint.</summary>
    public static bool IsConfigured(IConfiguration configuration) =>
        Keys.Any(key => !string.IsNullOrWhiteSpace(configuration[key])) || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    /// <summary>The address at which this machine reaches the service of this configuration.</summary>
    public static Uri Local(IConfiguration configuration)
    {
        var address = First(configuration[WebHostDefaults.ServerUrlsKey])
            ?? (First(configuration[WebHostDefaults.HttpPortsKey]) is { } port ? $"http://*:{port}" : null)
            ?? (First(configuration[WebHostDefaults.HttpsPortsKey]) is { } securePort ? $"https://*:{securePort}" : null)
            ?? configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).FirstOrDefault(url => url is not null)
            ?? Default;
        var parsed = BindingAddress.Parse(address);
        var host = parsed.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : parsed.Host;
        return new UriBuilder(parsed.Scheme, host, parsed.Port).Uri;
    }

    private static string? First(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
}
