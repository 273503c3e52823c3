using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RnnService.Api.Tests.Datasets;

public sealed class LargeUploadTests
{
    private const int Blocks = 200;
    private const long AllowedKilobytes = 64 * 1024;

    [Theory]
    [InlineData("lines")]
    [InlineData("csv")]
    public async Task An_upload_of_200_MB_takes_less_than_64_MB_of_memory(string format)
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path);
        await service.WaitUntilReadyAsync();
        await UploadAsync(service, format, 1, "warm");      // what any first upload loads is not what a large one takes
        var idle = Kilobytes(service, "VmRSS");
        ResetPeak(service);
        await UploadAsync(service, format, Blocks, "large");
        var peak = Kilobytes(service, "VmHWM");
        Assert.True(peak - idle < AllowedKilobytes, $"The upload took {(peak - idle) / 1024} MB more than the {idle / 1024} MB of the idle service.");
    }

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
            for (var i = 0; i < 20; i++) await stream.WriteAsync(Block(i, "lines"));
            connection.Client.LingerState = new LingerOption(true, 0);      // the connection is reset, as when a client dies
        }

        var watch = Stopwatch.StartNew();
        while (Directory.EnumerateFileSystemEntries(folder["staging"]).Any() && watch.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(50);
        DatasetRequests.AssertNothingIsKept(folder.Path);
        using var answer = await service.Client.GetAsync(new Uri("/api/v1/datasets/cut", UriKind.Relative));
        Assert.Equal(404, (int)answer.StatusCode);
    }

    private static async Task UploadAsync(ServiceProcess service, string format, int blocks, string name)
    {
        using var body = new ChunkedContent(async (stream, token) =>
        {
            if (format == "csv") await stream.WriteAsync("text,label\n"u8.ToArray(), token);
            for (var i = 0; i < blocks; i++) await stream.WriteAsync(Block(i, format), token);
        });
        using var answer = await service.Client.PostAsync(new Uri($"/api/v1/datasets?name={name}&format={format}", UriKind.Relative), body);
        Assert.True((int)answer.StatusCode == 201, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>At least one mebibyte of different short rows.</summary>
    private static byte[] Block(int number, string format)
    {
        var rows = new StringBuilder();
        for (var row = 0; rows.Length < 1 << 20; row++)
        {
            rows.Append(CultureInfo.InvariantCulture, $"row {row} of block {number}");
            rows.Append(format == "csv" ? $",label {row % 3}\n" : "\n");
        }

        return Encoding.UTF8.GetBytes(rows.ToString());
    }

    private static long Kilobytes(ServiceProcess service, string field) => long.Parse(
        File.ReadLines($"/proc/{service.ProcessId}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);

    // Makes the kernel count the peak (VmHWM) anew.
    private static void ResetPeak(ServiceProcess service) => File.WriteAllText($"/proc/{service.ProcessId}/clear_refs", "5");
}
