using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class QueueTests
{
    [Fact]
    public Task Twenty_jobs_are_worked_off_in_their_order() => DrainAsync(20);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Two_hundred_jobs_are_worked_off_in_their_order() => DrainAsync(200);

    [Fact]
    public async Task Waiting_jobs_tell_their_place_and_a_higher_priority_goes_first()
    {
        await using var host = await ServiceHost.StartAsync();
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        await host.WaitUntilLearningAsync(running);
        var (low, first, second, high) = (await SubmitAsync(host, "low", -100), await SubmitAsync(host, "first", null), await SubmitAsync(host, "second", 0), await SubmitAsync(host, "high", 100));
        Assert.Equal([1, 1, 2, 1], new[] { low, first, second, high }.Select(job => (int)job["queue"]!["position"]!));
        Assert.Equal([-100, 0, 0, 100], new[] { low, first, second, high }.Select(job => (int)job["priority"]!));

        var listed = (await host.GetAsync($"{TinyJobs.Jobs}?status=queued"))["items"]!.AsArray();
        Assert.Equal(["high", "second", "first", "low"], listed.Select(job => (string)job!["model"]!));
        Assert.Equal([1, 3, 2, 4], listed.Select(job => (int)job!["queue"]!["position"]!));
        // As soon as the running job tells how long it takes, each waiting one begins when those before it have ended.
        listed = (await TinyJobs.UntilAsync(
            "each waiting job has an estimate", () => host.GetAsync($"{TinyJobs.Jobs}?status=queued"), list => list["items"]!.AsArray().All(job => job!["queue"]!["estimatedStartAt"] is not null)))["items"]!.AsArray();
        var begins = listed.ToDictionary(job => (string)job!["model"]!, job => (DateTimeOffset)job!["queue"]!["estimatedStartAt"]!);
        double eta = (double)(await host.GetAsync($"{TinyJobs.Jobs}/{running}"))["progress"]!["etaSeconds"]!;
        Assert.InRange((begins["high"] - DateTimeOffset.UtcNow).TotalSeconds, eta * 0.5 - 5, eta * 2 + 5);
        Assert.True(begins["high"] <= begins["first"] && begins["first"] <= begins["second"] && begins["second"] <= begins["low"]);
        Assert.Null((await host.GetAsync($"{TinyJobs.Jobs}/{running}"))["queue"]);

        await host.PostAsync($"{TinyJobs.Jobs}/{high["id"]}/cancel", null);
        Assert.Equal(1, (int)(await host.GetAsync($"{TinyJobs.Jobs}/{first["id"]}"))["queue"]!["position"]!);
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);
        var ended = await host.WaitForJobAsync((string)low["id"]!, "succeeded");
        var before = await host.WaitForJobAsync((string)second["id"]!, "succeeded");
        Assert.True((DateTimeOffset)before["startedAt"]! < (DateTimeOffset)ended["startedAt"]!);
        Assert.Null(ended["queue"]);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_keeps_nothing_of_what_was_sent()
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Training:MaxQueuedJobs"] = "1" });
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        await host.WaitUntilLearningAsync(running);
        using var queued = await PostAsync(host, TinyJobs.LanguageModel("queued"), "key-queued");
        Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        var datasets = (await host.GetAsync("/api/v1/datasets"))["items"]!.ToJsonString();
        using (var refused = await PostAsync(host, TinyJobs.Classifier("refused"), "key-refused"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }

        Assert.Equal(datasets, (await host.GetAsync("/api/v1/datasets"))["items"]!.ToJsonString());
        Assert.Equal(2, (await host.GetAsync(TinyJobs.Jobs))["items"]!.AsArray().Count);
        // What was accepted before is repeated, and what was refused may be sent again when there is room.
        using var repeated = await PostAsync(host, TinyJobs.LanguageModel("queued"), "key-queued");
        Assert.Equal(HttpStatusCode.Accepted, repeated.StatusCode);
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);
        await host.WaitForJobAsync((string)JsonNode.Parse(await queued.Content.ReadAsStringAsync())!["id"]!, "succeeded");
        using var accepted = await PostAsync(host, TinyJobs.Classifier("refused"), "key-refused");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
    }

    [Fact]
    public async Task Several_jobs_run_at_a_time_when_the_settings_say_so_and_give_what_they_give_alone()
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Training:MaxConcurrentJobs"] = "3" });
        string[] endless = [(string)(await host.SubmitAsync(TinyJobs.Endless("a")))["id"]!, (string)(await host.SubmitAsync(TinyJobs.Endless("b")))["id"]!];
        foreach (string id in endless)
            await host.WaitUntilLearningAsync(id);
        var together = await host.TrainAsync(TinyJobs.LanguageModel("c", epochs: 3));
        foreach (string id in endless)
        {
            await host.WaitForJobAsync(id, "running");
            await host.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null);
        }

        var alone = await host.TrainAsync(TinyJobs.LanguageModel("d", epochs: 3));
        Assert.Equal(alone["result"]!["metrics"]!.ToJsonString(), together["result"]!["metrics"]!.ToJsonString());
    }

    private static async Task DrainAsync(int count)
    {
        await using var host = await ServiceHost.StartAsync();
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        await host.WaitUntilLearningAsync(running);
        var expected = new List<string>();
        for (int number = 0; number < count; number++)
        {
            var job = await SubmitAsync(host, "model-" + (number % 3), null);
            Assert.Equal(number + 1, (int)job["queue"]!["position"]!);
            expected.Add((string)job["id"]!);
        }

        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);
        await host.WaitForJobAsync(expected[^1], "succeeded", seconds: 300);
        var jobs = new List<JsonNode>();
        for (string? after = ""; after is not null;)
        {
            var page = await host.GetAsync($"{TinyJobs.Jobs}?status=succeeded&limit=200{after}");
            jobs.AddRange(page["items"]!.AsArray().Select(job => job!));
            after = (string?)page["next"] is { } next ? "&after=" + next : null;
        }

        Assert.Equal(expected, jobs.OrderBy(job => (DateTimeOffset)job["startedAt"]!).ThenBy(job => (DateTimeOffset)job["createdAt"]!).Select(job => (string)job["id"]!));
        // One after the other: none began before the one before it had ended.
        var spans = expected.Select(id => jobs.Single(job => (string)job["id"]! == id)).Select(job => ((DateTimeOffset)job["startedAt"]!, (DateTimeOffset)job["finishedAt"]!)).ToList();
        Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.True(pair.First.Item2 <= pair.Second.Item1));
    }

    private static Task<JsonNode> SubmitAsync(ServiceHost host, string model, int? priority)
    {
        var request = TinyJobs.LanguageModel(model, epochs: 1);
        if (priority is { } number)
            request["priority"] = number;
        return host.SubmitAsync(request);
    }

    private static async Task<HttpResponseMessage> PostAsync(ServiceHost host, JsonObject job, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(TinyJobs.Jobs, UriKind.Relative)) { Content = new StringContent(job.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        return await host.Client.SendAsync(request);
    }
}
