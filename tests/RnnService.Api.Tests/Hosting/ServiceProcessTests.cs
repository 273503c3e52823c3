using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.Hosting;

/// <summary>What only a process of its own can show.</summary>
public sealed class ServiceProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_becomes_ready_tells_its_health_and_ends_with_0_when_asked_to()
    {
        await using var service = ServiceProcess.Start(_folder.Path);
        await service.WaitUntilReadyAsync();
        Assert.Equal("live", (string?)(await service.Client.GetFromJsonAsync<JsonNode>(new Uri("/health/live", UriKind.Relative)))!["status"]);

        var address = $"--urls={service.Client.BaseAddress}";
        Assert.Equal((0, "live"), await RunAsync(null, "--health=live", address));
        Assert.Equal((0, "ready"), await RunAsync(null, "--health", address));

        Assert.Equal(0, await service.StopAsync());
        Assert.Contains("Ready", service.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", service.Output, StringComparison.Ordinal);

        var (code, output) = await RunAsync(null, "--health", address);
        Assert.Equal(1, code);
        Assert.StartsWith("not ready: no answer from", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_starts_again_after_a_kill_because_the_lock_ends_with_the_process()
    {
        await using (var first = ServiceProcess.Start(_folder.Path))
        {
            await first.WaitUntilReadyAsync();
            await using var second = ServiceProcess.Start(_folder.Path);
            Assert.Equal(1, await second.WaitForExitAsync());
            Assert.Contains("in use by another process", second.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
            await first.KillAsync();
        }

        await using var again = ServiceProcess.Start(_folder.Path);
        await again.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task It_listens_where_the_environment_says()
    {
        var port = ServiceProcess.FreePort();
        foreach (var environment in new Dictionary<string, string>[]
        {
            new() { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}" },
            new() { ["ASPNETCORE_HTTP_PORTS"] = $"{port}" },
            new() { ["DOTNET_URLS"] = $"http://127.0.0.1:{port}" },
        })
        {
            environment["Storage__Root"] = _folder["data"];
            await using var service = ServiceProcess.StartPlain(environment);
            service.Client.BaseAddress = new Uri($"http://127.0.0.1:{port}");
            await service.WaitUntilReadyAsync();
            Assert.Equal((0, "ready"), await RunAsync(environment, "--health"));
            Assert.Equal(0, await service.StopAsync());
        }
    }

    [Theory]
    [InlineData("Storage__BusyTimeoutSeconds", "0", "BusyTimeoutSeconds")]
    [InlineData("Hosting__RequestTimeoutSeconds", "-1", "RequestTimeoutSeconds")]
    [InlineData("Inference__WeightPrecision", "int4", "WeightPrecision must be float32, bfloat16 or int8")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string name, string value, string named)
    {
        await using var service = ServiceProcess.Start(_folder.Path, new Dictionary<string, string> { [name] = value });
        Assert.Equal(1, await service.WaitForExitAsync());
        Assert.Contains(named, service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_none_stops_the_start_and_is_named()
    {
        var database = _folder["service.db"];
        await File.WriteAllTextAsync(database, new string('x', 10_000));
        await using var service = ServiceProcess.Start(_folder.Path);
        Assert.Equal(1, await service.WaitForExitAsync());
        Assert.Contains(database, service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_HTTP_is_refused_and_harms_nobody()
    {
        await using var service = ServiceProcess.Start(_folder.Path);
        await service.WaitUntilReadyAsync();
        foreach (var text in new[] { "NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", $"GET /{new string('a', 70_000)} HTTP/1.1\r\nHost: x\r\n\r\n" })
        {
            Assert.Matches("^HTTP/1.1 (400|414|505) ", await SendRawAsync(service.Client.BaseAddress!, text));
        }

        // A caller that goes away in the middle of its body.
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"));
        }

        await service.WaitUntilReadyAsync();
        Assert.DoesNotContain("fail:", service.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(int Code, string Output)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        await using var process = ServiceProcess.StartPlain(environment, arguments);
        var code = await process.WaitForExitAsync();
        return (code, process.Output);
    }

    private static async Task<string> SendRawAsync(Uri address, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        var buffer = new byte[256];
        var count = await client.GetStream().ReadAsync(buffer);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }
}
