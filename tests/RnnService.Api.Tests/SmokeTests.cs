namespace RnnService.Api.Tests;

public sealed class SmokeTests
{
    [Fact]
    public async Task In_process_and_as_process_it_becomes_ready()
    {
        await using var host = await ServiceHost.StartAsync();
        Assert.Equal("ready", (string?)(await host.GetAsync("/health/ready"))["status"]);
        using var folder = new TemporaryFolder();
        await using var process = ServiceProcess.Start(folder.Path);
        await process.WaitUntilReadyAsync();
        Assert.Equal(0, await process.StopAsync());
    }
}
