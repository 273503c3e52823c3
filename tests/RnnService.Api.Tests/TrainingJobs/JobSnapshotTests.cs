using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Inference;
using RnnService.Api.Models;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class JobSnapshotTests
{
    [Fact]
    public async Task The_best_so_far_of_a_running_job_answers_and_gives_way_to_its_version()
    {
        await using var host = await ServiceHost.StartAsync();
        var endless = TinyJobs.Endless();
        endless["training"]!["validateEverySteps"] = 2;
        string id = (string)(await host.SubmitAsync(endless))["id"]!, waiting = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("names")))["id"]!;
        await WaitForValidationAsync(host, id);
        var sampled = await host.GetAsync($"/api/v1/models/endless@job-{id}/sample?n=2&maxTokens=8&seed=1");
        Assert.Equal(("endless", 0, 2), ((string?)sampled["model"], (int)sampled["version"]!, sampled["samples"]!.AsArray().Count));
        await host.PostAsync($"/api/v1/models/endless@job-{id}/score", """{ "texts": [ "alphabravo" ] }""");
        await host.PostAsync($"/api/v1/models/endless@job-{id}/classify", """{ "texts": [ "alphabravo" ] }""", 409);

        Assert.Contains("first validation", (string)(await host.GetAsync($"/api/v1/models/names@job-{waiting}/sample", 404))["detail"]!, StringComparison.Ordinal);
        await host.GetAsync($"/api/v1/models/names@job-{id}/sample", 404);
        await host.GetAsync("/api/v1/models/endless@job-nobody/sample", 404);
        await host.GetAsync("/api/v1/models/endless/sample", 404);

        await host.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null);
        await host.WaitForJobAsync(waiting, "succeeded");
        await host.GetAsync($"/api/v1/models/endless@job-{id}/sample", 404);
        var published = await host.GetAsync($"/api/v1/models/names@job-{waiting}/sample?n=2&seed=1");
        Assert.Equal((await host.GetAsync("/api/v1/models/names:1/sample?n=2&seed=1")).ToJsonString(), published.ToJsonString());
    }

    [Fact]
    public async Task Requests_go_on_while_the_best_so_far_is_replaced()
    {
        await using var host = await ServiceHost.StartAsync();
        var endless = TinyJobs.Endless();
        endless["architecture"] = TinyJobs.Architecture(hidden: 16);
        string id = (string)(await host.SubmitAsync(endless))["id"]!;
        await WaitForValidationAsync(host, id);
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(seed => host.GetAsync($"/api/v1/models/endless@job-{id}/sample?seed={seed}&maxTokens=30")));
        Assert.All(answers, answer => Assert.Single(answer["samples"]!.AsArray()));
        await host.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null);
    }

    [Fact]
    public async Task A_request_that_waits_for_its_turn_keeps_the_best_so_far_when_the_job_ends()
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Inference:Threads"] = "1", ["Inference:QueueLength"] = "1" });
        string id = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!, path = $"/api/v1/models/endless@job-{id}/sample?seed=1&maxTokens=8";
        await WaitForValidationAsync(host, id);
        var (gate, snapshots) = (host.Services.GetRequiredService<InferenceGate>(), host.Services.GetRequiredService<JobSnapshots>());
        var slot = await gate.EnterOrNullAsync(CancellationToken.None) ?? throw new InvalidOperationException("The gate is full.");
        var waiting = host.GetAsync(path);
        await TinyJobs.UntilAsync("the request waits", () => gate.Inside == 2, milliseconds: 5);
        await host.GetAsync(path, 503);

        await host.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null);
        await host.WaitForJobAsync(id, "cancelled");
        await TinyJobs.UntilAsync("the best so far is gone", () => !IsKept(), milliseconds: 5);
        slot.Dispose();
        Assert.Equal(0, (int)(await waiting)["version"]!);
        await host.GetAsync(path, 404);

        bool IsKept()
        {
            using var lease = snapshots.LeaseOrNull(id);
            return lease is not null;
        }
    }

    private static Task<JsonNode> WaitForValidationAsync(ServiceHost host, string id) =>
        TinyJobs.UntilAsync("the job has been validated", () => host.WaitForJobAsync(id, "running"), job => job["progress"]!["bestValidationLoss"] is not null);
}
