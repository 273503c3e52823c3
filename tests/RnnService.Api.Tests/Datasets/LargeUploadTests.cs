using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Xunit.Abstractions;

namespace RnnService.Api.Tests.Datasets;

public sealed class LargeUploadTests(ITestOutputHelper output)
{
    private const long AllowedKilobytes = 64 * 1024;

    [Theory]
    [InlineData("csv", 40)]
    public Task An_upload_takes_less_than_64_MB_of_memory(string format, int megabytes) => MeasureAsync(format, megabytes);

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("text", 200)]
    [InlineData("lines", 200)]
    [InlineData("csv", 200)]
    [InlineData("tsv", 200)]
    [InlineData("jsonl", 200)]
    public Task An_upload_of_200_MB_takes_less_than_64_MB_of_memory(string format, int megabytes) => MeasureAsync(format, megabytes);

    [Fact]
    public async Task A_large_upload_that_is_cut_off_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path);
        await service.WaitUntilReadyAsync();
        using (var connection = new TcpClient())
        {
            await connection.ConnectAsync(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
            var stream = connection.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /api/v1/datasets?name=cut&format=lines HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 209715200\r\n\r\n"));
            for (var i = 0; i < 20; i++) await stream.WriteAsync(LargeUploads.ShortLines(i));
            connection.Client.LingerState = new LingerOption(true, 0);      // the connection is reset, as when a client dies
        }

        var watch = Stopwatch.StartNew();
        while (Directory.EnumerateFileSystemEntries(folder["staging"]).Any() && watch.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(50);
        DatasetRequests.AssertNothingIsKept(folder.Path);
        using var answer = await service.Client.GetAsync(new Uri("/api/v1/datasets/cut", UriKind.Relative));
        Assert.Equal(404, (int)answer.StatusCode);
    }

    private async Task MeasureAsync(string format, int megabytes)
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path);
        await service.WaitUntilReadyAsync();
        await UploadAsync(service, format, 1, "warm");      // what any first upload loads is not what a large one takes
        var idle = service.ResidentKilobytes();
        service.ResetPeak();
        var watch = Stopwatch.StartNew();
        await UploadAsync(service, format, megabytes, "large");
        var peak = service.PeakKilobytes();
        output.WriteLine($"{megabytes} MB of {format}: {watch.Elapsed.TotalSeconds:0.0} s, {(peak - idle) / 1024} MB more than the {idle / 1024} MB of the idle service.");
        Assert.True(peak - idle < AllowedKilobytes, $"The upload took {(peak - idle) / 1024} MB more than the {idle / 1024} MB of the idle service.");
    }

    private static async Task UploadAsync(ServiceProcess service, string format, int megabytes, string name)
    {
        using var body = new ChunkedContent(async (stream, token) =>
        {
            await stream.WriteAsync(LargeUploads.Header(format), token);
            for (var i = 0; i < megabytes; i++) await stream.WriteAsync(LargeUploads.Block(i, format), token);
        });
        using var answer = await service.Client.PostAsync(new Uri($"/api/v1/datasets?name={name}&format={format}", UriKind.Relative), body);
        Assert.True((int)answer.StatusCode == 201, await answer.Content.ReadAsStringAsync());
    }
}
