using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Storage;
using RnnService.Api.Tests.Storage;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>
/// Each single operation on files that a job does - its checkpoints, its version, what is removed at its end - goes wrong once. The job then succeeds all the same, or is paused with a clear reason and succeeds when it is
/// resumed; what was there before is untouched.
/// </summary>
public sealed class DiskFaultTests
{
    private static readonly Dictionary<string, string?> s_settings = new() { ["Training:CheckpointSeconds"] = "0", ["Training:Threads"] = "1" };

    [Fact]
    public Task Whatever_operation_fails_nothing_else_is_harmed() => FailEachAsync(FileFault.DiskFull, FileFault.Torn);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Whatever_operation_fails_the_other_way_nothing_else_is_harmed() => FailEachAsync(FileFault.Torn, FileFault.DiskFull);

    [Fact]
    public async Task A_version_that_does_not_fit_waits_for_room_or_for_somebody_and_is_the_same()
    {
        var disk = new AdjustableDisk { Free = 1 << 30 };
        var files = new FaultyFiles();
        await using var host = await ServiceHost.StartAsync(
            new Dictionary<string, string?>(s_settings) { ["Storage:MinFreeBytes"] = $"{1 << 28}" },
            services: services => services.AddSingleton<IFileOperations>(files).AddSingleton<IDiskSpace>(disk));
        string expected = await host.WeightsAsync(await host.TrainAsync(TinyJobs.LanguageModel("whole")));

        // As far as the service sees there is room, and yet it does not fit, each time: somebody has to look.
        files.Refused = path => Path.GetFileName(path) == "weights.safetensors";
        string id = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("asked")))["id"]!;
        for (int time = 1; time <= 2; time++)
        {
            var paused = await host.WaitForJobAsync(id, "paused");
            Assert.Contains("could not be written", (string?)paused["statusReason"], StringComparison.Ordinal);
            Assert.Equal(1, (double)paused["progress"]!["fraction"]!);
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(host.Root, "checkpoints", id)));
            Assert.Empty(Directory.GetDirectories(Path.Combine(host.Root, "staging"), "version-*"));
            await host.GetAsync("/api/v1/models/asked", 404);
            Assert.Equal(time, (await StatusesAsync(host, id)).Count(status => status == "running"));
            if (time == 2)
                files.Refused = null;
            await host.PostAsync($"{TinyJobs.Jobs}/{id}/resume", null);
        }

        Assert.Equal(expected, await host.WeightsAsync(await host.WaitForJobAsync(id, "succeeded")));
        Assert.Equal(["queued", "running", "paused", "queued", "running", "paused", "queued", "running", "succeeded"], await StatusesAsync(host, id));

        // Where the disk is seen to be full, the job goes on when it is not.
        files.Refused = path =>
        {
            bool refused = Path.GetFileName(path) == "weights.safetensors";
            disk.Free = refused ? 1000 : disk.Free;
            return refused;
        };
        id = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("alone")))["id"]!;
        var waiting = await host.WaitForJobAsync(id, "paused");
        Assert.StartsWith("The disk of the data folder has 1000 bytes left", (string?)waiting["statusReason"], StringComparison.Ordinal);
        (files.Refused, disk.Free) = (null, 1 << 30);
        Assert.Equal(expected, await host.WeightsAsync(await host.WaitForJobAsync(id, "succeeded")));
        // Checkpoints are removed, through staging, after the row says that the job has ended.
        await TinyJobs.UntilAsync("nothing is staged", () => !Directory.EnumerateFileSystemEntries(Path.Combine(host.Root, "staging")).Any());
    }

    private static async Task<IReadOnlyList<string?>> StatusesAsync(ServiceHost host, string id) =>
        [.. (await host.GetAsync($"{TinyJobs.Jobs}/{id}/events?limit=200"))["items"]!.AsArray().Where(item => (string?)item!["type"] == "status").Select(item => (string?)item!["data"]!["status"])];

    /// <summary>Lets one operation after the other fail, in the one way and the other by turns.</summary>
    private static async Task FailEachAsync(FileFault even, FileFault odd)
    {
        using var folder = new TemporaryFolder();
        var files = new FaultyFiles();
        var weights = new SortedDictionary<string, string>(StringComparer.Ordinal);
        int jobs = 0, paused = 0;
        await using (var host = await ServiceHost.StartAsync(s_settings, folder.Path, services => services.AddSingleton<IFileOperations>(files)))
        {
            await host.PostAsync("/api/v1/datasets?name=lines&format=lines", string.Join('\n', TinyJobs.Lines().Select(line => (string?)line)), 201);
            // The first job also makes what all later ones find.
            for (; jobs < 2; jobs++)
                weights.Add($"faulty-{jobs}", await host.WeightsAsync(await RunAsync(host, $"faulty-{jobs}", files, -1, even)));
            long operations = files.Operations;
            Assert.InRange(operations, 40, 120);

            // One job more than there are operations: the last one meets none.
            for (long operation = 0; operation <= operations; operation++)
            {
                string model = $"faulty-{jobs++}";
                var job = await RunAsync(host, model, files, operation, operation % 2 == 0 ? even : odd);
                Assert.Equal(operation < operations, files.Happened);
                if ((string?)job["status"] != "succeeded")
                {
                    Assert.Equal("paused", (string?)job["status"]);
                    Assert.Contains("could not be written", (string?)job["statusReason"], StringComparison.Ordinal);
                    await VerifyAsync(host, weights.Keys);
                    await host.PostAsync($"{TinyJobs.Jobs}/{job["id"]}/resume", null);
                    job = await host.WaitForJobAsync((string)job["id"]!, "succeeded");
                    paused++;
                }

                weights.Add(model, await host.WeightsAsync(job));
                await VerifyAsync(host, weights.Keys);
            }

            Assert.Single(weights.Values.Distinct());
            Assert.InRange(paused, 10, (int)operations);
        }

        // A start puts away what could not be removed, and finds the same.
        await using var again = await ServiceHost.StartAsync(s_settings, folder.Path);
        await VerifyAsync(again, weights.Keys);
        Assert.Equal(jobs, (await again.GetAsync($"{TinyJobs.Jobs}?limit=200"))["items"]!.AsArray().Count);
        Assert.Empty(Directory.GetFileSystemEntries(folder["checkpoints"]));
        Assert.Empty(Directory.GetFileSystemEntries(folder["staging"]));
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Path, ".*", SearchOption.AllDirectories), AtomicFiles.IsLeftover);
    }

    /// <summary>Runs a job of one update, of which an operation fails, to its end.</summary>
    private static async Task<JsonNode> RunAsync(ServiceHost host, string model, FaultyFiles files, long operation, FileFault fault)
    {
        var request = TinyJobs.LanguageModel(model, epochs: 1);
        request["dataset"] = new JsonObject { ["name"] = "lines" };
        request["training"]!["batchSize"] = 64;
        files.Arm(operation, fault);
        string id = (string)(await host.SubmitAsync(request))["id"]!;
        var job = await TinyJobs.UntilAsync("the job has left", () => host.GetAsync($"{TinyJobs.Jobs}/{id}"), job => (string?)job["status"] is not ("queued" or "running"), milliseconds: 5);
        // Its checkpoints are removed after its row says that it has ended.
        var desk = host.Services.GetRequiredService<TrainingDesk>();
        await TinyJobs.UntilAsync("the job runs no more", () => desk.FindOrNull(id) is null, milliseconds: 5);
        return job;
    }

    /// <summary>Exactly these models are listed, each with one version that is whole.</summary>
    private static async Task VerifyAsync(ServiceHost host, IEnumerable<string> expected)
    {
        var listed = (await host.GetAsync("/api/v1/models?limit=200"))["items"]!.AsArray();
        Assert.Equal(expected.Order(StringComparer.Ordinal), listed.Select(model => (string)model!["name"]!).Order(StringComparer.Ordinal));
        Assert.All(listed, model => Assert.Equal("ready", (string?)Assert.Single(model!["versions"]!.AsArray())!["status"]));
    }
}
