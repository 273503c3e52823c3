using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Storage;
using RnnService.Api.Tests.Storage;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>What is told of jobs while the disk has no room for another one.</summary>
public sealed class DiskShortageTests
{
    private const string Reason = "The disk of the data folder has 1000 bytes left";

    [Fact]
    public async Task A_job_that_waits_for_room_is_not_told_when_it_begins()
    {
        var disk = new AdjustableDisk { Free = 1000 };
        await using var host = await StartAsync(disk);
        string id = (string)(await host.SubmitAsync(TinyJobs.LanguageModel()))["id"]!;
        var job = await WaitsAsync(host, id);
        Assert.Equal("""{"position":1,"estimatedStartAt":null}""", job["queue"]!.ToJsonString());
        var second = await host.SubmitAsync(TinyJobs.Classifier());
        Assert.StartsWith(Reason, (string?)second["statusReason"], StringComparison.Ordinal);
        Assert.Equal("""{"position":2,"estimatedStartAt":null}""", second["queue"]!.ToJsonString());

        var request = TinyJobs.LanguageModel();
        request["dryRun"] = true;
        var tried = await host.PostAsync(TinyJobs.Jobs, request.ToJsonString());
        Assert.Null(tried["estimate"]!["startsAt"]);
        Assert.Contains(tried["warnings"]!.AsArray(), warning => ((string)warning!).Contains(Reason, StringComparison.Ordinal));

        disk.Free = 1 << 30;
        Assert.Null((await host.WaitForJobAsync(id, "succeeded"))["statusReason"]);
        await host.WaitForJobAsync((string)second["id"]!, "succeeded");
        tried = await host.PostAsync(TinyJobs.Jobs, request.ToJsonString());
        Assert.NotNull(tried["estimate"]!["startsAt"]);
        Assert.DoesNotContain(tried["warnings"]!.AsArray(), warning => ((string)warning!).Contains("disk", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_a_restart_interrupted_says_why_it_does_not_go_on()
    {
        using var folder = new TemporaryFolder();
        string id;
        await using (var host = await StartAsync(new AdjustableDisk { Free = 1 << 30 }, folder.Path))
        {
            id = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
            await host.WaitUntilLearningAsync(id);
            Assert.Null((await host.WaitForJobAsync(id, "running"))["statusReason"]);
        }

        var disk = new AdjustableDisk { Free = 1000 };
        await using var again = await StartAsync(disk, folder.Path);
        Assert.Equal("running", (string?)(await WaitsAsync(again, id))["status"]);
        disk.Free = 1 << 30;
        await TinyJobs.UntilAsync("nothing is to be explained", () => again.GetAsync($"{TinyJobs.Jobs}/{id}"), job => job["statusReason"] is null);
        await again.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null);
    }

    private static async Task<JsonNode> WaitsAsync(ServiceHost host, string id)
    {
        var job = await TinyJobs.UntilAsync("the job says why it waits", () => host.GetAsync($"{TinyJobs.Jobs}/{id}"), job => job["statusReason"] is not null);
        Assert.StartsWith(Reason, (string?)job["statusReason"], StringComparison.Ordinal);
        return job;
    }

    private static Task<ServiceHost> StartAsync(AdjustableDisk disk, string? root = null) => ServiceHost.StartAsync(
        new Dictionary<string, string?> { ["Storage:MinFreeBytes"] = $"{1 << 28}", ["Training:DryRunSeconds"] = "0.1" }, root, services => services.AddSingleton<IDiskSpace>(disk));
}
