using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>When jobs are told to end and to begin.</summary>
public sealed class JobTimeTests
{
    [Fact]
    public async Task Nothing_takes_longer_than_its_limit_and_nothing_is_told_of_the_first_moments()
    {
        await using var host = await ServiceHost.StartAsync();
        string running = (string)(await host.SubmitAsync(Limited("running", 300)))["id"]!;
        await host.WaitUntilLearningAsync(running);
        string[] waiting = [(string)(await host.SubmitAsync(Limited("first", 30)))["id"]!, (string)(await host.SubmitAsync(Limited("second", 40)))["id"]!, (string)(await host.SubmitAsync(TinyJobs.LanguageModel("third")))["id"]!];
        var early = (await host.GetAsync($"{TinyJobs.Jobs}?status=queued"))["items"]!.AsArray();
        // In the first two seconds of updates nobody knows when a job ends that may take minutes, and when others begin.
        if ((await host.GetAsync($"{TinyJobs.Jobs}/{running}"))["progress"]!["etaSeconds"] is null)
            Assert.All(early, job => Assert.Null(job!["queue"]!["estimatedStartAt"]));

        var job = await TinyJobs.UntilAsync("the job tells its end", () => host.GetAsync($"{TinyJobs.Jobs}/{running}"), seen => seen["progress"]!["etaSeconds"] is not null);
        double elapsed = (double)job["progress"]!["elapsedSeconds"]!, eta = (double)job["progress"]!["etaSeconds"]!;
        Assert.True(elapsed >= 2);
        Assert.InRange(eta + elapsed, 2, 300 + 1e-6);
        var begins = new List<DateTimeOffset>();
        foreach (string id in waiting)
            begins.Add((DateTimeOffset)(await host.GetAsync($"{TinyJobs.Jobs}/{id}"))["queue"]!["estimatedStartAt"]!);
        Assert.InRange((begins[0] - DateTimeOffset.UtcNow).TotalSeconds, 0, 300);
        // What is asked later is told a moment later.
        Assert.InRange((begins[1] - begins[0]).TotalSeconds, 0, 35);
        Assert.InRange((begins[2] - begins[1]).TotalSeconds, 0, 45);
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);
    }

    [Fact]
    public async Task A_range_test_tells_its_time_and_ends_with_the_limit()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = Limited("tested", 7);
        request["training"]!["rangeTest"] = new JsonObject { ["from"] = 1e-9, ["to"] = 1e-8, ["steps"] = 10_000 };
        request["training"]!["gradientAccumulation"] = 5;
        string id = (string)(await host.SubmitAsync(request))["id"]!;
        var testing = await TinyJobs.UntilAsync("the test tells what is left", () => host.WaitForJobAsync(id, "running"), job => job["progress"]!["etaSeconds"] is not null);
        Assert.Null(testing["progress"]!["rangeTest"]!["found"]);
        Assert.InRange((double)testing["progress"]!["elapsedSeconds"]!, 2, 7);
        Assert.InRange((double)testing["progress"]!["etaSeconds"]!, 0, 5);

        var job = await host.WaitForJobAsync(id, "succeeded");
        Assert.InRange((int)job["progress"]!["rangeTest"]!["step"]!, 1, 9_999);
        Assert.Equal(1, (int)job["progress"]!["step"]!);
        Assert.Equal("maxSeconds", (string?)(await host.GetAsync("/api/v1/models/tested/versions/1/report"))["stopReason"]);
    }

    private static JsonObject Limited(string model, int maxSeconds)
    {
        var job = TinyJobs.Endless(model);
        job["training"]!["maxSeconds"] = maxSeconds;
        return job;
    }
}
