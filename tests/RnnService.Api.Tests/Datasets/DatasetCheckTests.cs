using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Datasets;

/// <summary>What becomes of a check that uses a temporary file, in its midst and without room for it.</summary>
public sealed class DatasetCheckTests
{
    private const int Blocks = 40;

    // A second, and two more for a machine that is busy with other tests.
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_client_that_goes_away_in_the_midst_of_a_check_ends_it_at_once()
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path);
        await service.WaitUntilReadyAsync();
        using (var connection = await SendAsync(service))
        {
            await WaitUntilInCheckAsync(folder.Path);
        }

        await WaitUntilNothingIsStagedAsync(folder.Path);
        DatasetRequests.AssertNothingIsKept(folder.Path);
        using var answer = await service.Client.GetAsync(new Uri("/api/v1/datasets/large", UriKind.Relative));
        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_service_that_is_stopped_ends_a_check_with_503_and_keeps_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path);
        await service.WaitUntilReadyAsync();
        using var connection = await SendAsync(service);
        await WaitUntilInCheckAsync(folder.Path);
        var watch = Stopwatch.StartNew();
        var stopped = service.StopAsync();
        await WaitUntilNothingIsStagedAsync(folder.Path);
        Assert.Equal(0, await stopped);
        using var answer = new StreamReader(connection.GetStream());
        Assert.Equal("HTTP/1.1 503 Service Unavailable", await answer.ReadLineAsync());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"Stopping took {watch.Elapsed}.");
        DatasetRequests.AssertNothingIsKept(folder.Path);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task What_a_crash_in_the_midst_of_a_check_leaves_is_removed_at_the_next_start()
    {
        using var folder = new TemporaryFolder();
        await using (var service = ServiceProcess.Start(folder.Path))
        {
            await service.WaitUntilReadyAsync();
            using var connection = await SendAsync(service);
            await WaitUntilInCheckAsync(folder.Path);
            await service.KillAsync();
            Assert.NotEmpty(Directory.EnumerateFileSystemEntries(folder["staging"]));
        }

        await using var host = await ServiceHost.StartAsync(root: folder.Path);
        DatasetRequests.AssertNothingIsKept(folder.Path);
    }

    [Fact]
    public async Task Without_room_on_the_disk_a_dataset_is_kept_and_warned_of()
    {
        var disk = new Disk { Free = 1000 };
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Storage:MinFreeBytes"] = "1001" }, services: services => services.AddSingleton<IDiskSpace>(disk));
        var content = string.Concat(Enumerable.Range(0, 700_000).Select(i => $"{i}\n"));      // of so many the temporary file is written to, not only opened
        var warning = Assert.Single((await host.UploadAsync("name=full&format=lines", content + "500000\n"))["warnings"]!.AsArray())!;
        Assert.Equal((400_001, "duplicatesNotAllChecked"), ((int)warning["line"]!, (string)warning["code"]!));

        disk.Free = 1001;
        warning = Assert.Single((await host.UploadAsync("name=roomy&format=lines", content + "500000\n"))["warnings"]!.AsArray())!;
        Assert.Equal((700_001, "duplicateText", "The text repeats line 500001."), ((int)warning["line"]!, (string)warning["code"]!, (string)warning["message"]!));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Root, "staging")));
    }

    /// <summary>Sends all of a dataset of short rows, and does not wait for the answer.</summary>
    private static async Task<TcpClient> SendAsync(ServiceProcess service)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
        var stream = connection.GetStream();
        byte[][] blocks = [.. Enumerable.Range(0, Blocks).Select(LargeUploads.ShortLines)];
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/datasets?name=large&format=lines HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {blocks.Sum(block => block.Length)}\r\n\r\n"));
        foreach (var block in blocks) await stream.WriteAsync(block);
        return connection;
    }

    private static async Task WaitUntilInCheckAsync(string root)
    {
        var watch = Stopwatch.StartNew();
        while (!Directory.EnumerateFiles(Path.Combine(root, "staging"), "texts", SearchOption.AllDirectories).Any())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "The check has not come to its temporary file.");
            await Task.Delay(5);
        }
    }

    private static async Task WaitUntilNothingIsStagedAsync(string root)
    {
        var watch = Stopwatch.StartNew();
        while (Directory.EnumerateFileSystemEntries(Path.Combine(root, "staging")).Any())
        {
            Assert.True(watch.Elapsed < s_soon, $"Something is staged after {watch.Elapsed}.");
            await Task.Delay(5);
        }
    }

    private sealed class Disk : IDiskSpace
    {
        public long Free { get; set; }

        public long FreeBytes(string folder) => Free;
    }
}
