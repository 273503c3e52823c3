using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Storage;
using RnnService.Api.Tests.Storage;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>
/// Each single operation on files that a job does - its checkpoints, its version, what is removed at its end - goes wrong once. The job then succeeds all the same or fails with a clear problem, and what was there before
/// is untouched.
/// </summary>
public sealed class DiskFaultTests
{
    private static readonly Dictionary<string, string?> s_settings = new() { ["Training:CheckpointSeconds"] = "0", ["Training:Threads"] = "1" };

    [Fact]
    public Task Whatever_operation_fails_nothing_else_is_harmed() => FailEachAsync(FileFault.DiskFull, FileFault.Torn);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Whatever_operation_fails_the_other_way_nothing_else_is_harmed() => FailEachAsync(FileFault.Torn, FileFault.DiskFull);

    /// <summary>Lets one operation after the other fail, in the one way and the other by turns.</summary>
    private static async Task FailEachAsync(FileFault even, FileFault odd)
    {
        using var folder = new TemporaryFolder();
        var files = new FaultyFiles();
        var weights = new SortedDictionary<string, string>(StringComparer.Ordinal);
        int jobs = 0;
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
                if ((string?)job["status"] == "succeeded")
                {
                    weights.Add(model, await host.WeightsAsync(job));
                }
                else
                {
                    Assert.Equal("failed", (string?)job["status"]);
                    Assert.Equal("/problems/storage-failed", (string?)job["error"]!["type"]);
                }

                await VerifyAsync(host, weights.Keys);
            }

            Assert.Single(weights.Values.Distinct());
            Assert.InRange(jobs - weights.Count, 10, (int)operations); // failed
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
        var job = await host.SubmitAsync(request);
        while ((string?)(job = await host.GetAsync($"{TinyJobs.Jobs}/{job["id"]}"))["status"] is "queued" or "running")
            await Task.Delay(5);
        // Its checkpoints are removed after its row says that it has ended.
        var desk = host.Services.GetRequiredService<TrainingDesk>();
        while (desk.FindOrNull((string)job["id"]!) is not null)
            await Task.Delay(5);
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
