using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class DryRunTests
{
    private const string Datasets = "/api/v1/datasets";

    [Fact]
    public async Task A_dry_run_tells_what_the_job_would_be_and_leaves_nothing_behind()
    {
        await using var host = await StartAsync();
        string datasets = (await host.GetAsync(Datasets)).ToJsonString();
        var request = TinyJobs.LanguageModel();
        request["tags"] = new JsonObject { ["team"] = "demo" };
        var (_, answer) = await PostAsync(host, Dry(request), "key");
        Assert.Equal(("lines", "languageModel", "demo"), ((string)answer["model"]!, (string)answer["task"]!, (string)answer["tags"]!["team"]!));
        Assert.Equal((36, 4, "shuffled"), ((int)answer["dataset"]!["sequences"]!, (int)answer["validation"]!["sequences"]!, (string)answer["validation"]!["method"]!));
        string[] words = [.. TinyJobs.Lines().Select(line => (string)line!)];
        Assert.Equal(words.Sum(word => word.Length + 1), (int)answer["dataset"]!["tokens"]! + (int)answer["validation"]!["tokens"]!);
        Assert.Equal(words.Sum(word => word.Length), (int)answer["dataset"]!["characters"]! + (int)answer["validation"]!["characters"]!);
        Assert.Equal(0.1, (double)answer["validation"]!["fraction"]!);
        // The ten words of these lines are learned from and measured on.
        Assert.Contains("learned from too", (string?)Assert.Single(answer["warnings"]!.AsArray()), StringComparison.Ordinal);

        var estimate = answer["estimate"]!;
        Assert.All(new[] { "secondsPerEpoch", "preparationSeconds", "evaluationSeconds", "tokensPerSecond", "measuredSteps", "measuredSeconds", "memoryBytes", "threads" }, name => Assert.True((double)estimate[name]! > 0, name));
        Assert.InRange((double)estimate["secondsAtMost"]!, 2 * (double)estimate["secondsPerEpoch"]! + (double)estimate["preparationSeconds"]!, 30);
        Assert.False((bool)estimate["busy"]!);
        Assert.Equal("""{"position":1,"waiting":0,"full":false}""", estimate["queue"]!.ToJsonString());
        Assert.InRange((DateTimeOffset)estimate["startsAt"]!, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));

        Assert.Equal(datasets, (await host.GetAsync(Datasets)).ToJsonString());
        Assert.Empty((await host.GetAsync(TinyJobs.Jobs))["items"]!.AsArray());
        Assert.Empty((await host.GetAsync("/api/v1/models"))["items"]!.AsArray());
        Assert.DoesNotContain(Directory.EnumerateFiles(host.Root, "*", SearchOption.AllDirectories), file => file.Contains("inline-", StringComparison.Ordinal));

        // The key is free for the job itself, which is what was foretold, with the same reasons.
        request["dryRun"] = false;
        var (_, job) = await PostAsync(host, request, "key", 202);
        Assert.Equal(answer["dataset"]!["sha256"]!.ToJsonString(), job["dataset"]!["sha256"]!.ToJsonString());
        Assert.Equal(answer["dataset"]!["name"]!.ToJsonString(), job["dataset"]!["name"]!.ToJsonString());
        Assert.Equal(answer["warnings"]!.ToJsonString(), job["warnings"]!.ToJsonString());
        Assert.Equal(answer["reasons"]!.ToJsonString(), job["resolved"]!["reasons"]!.ToJsonString());
        job["resolved"]!["reasons"] = null;
        Assert.Equal(answer["resolved"]!.ToJsonString(), job["resolved"]!.ToJsonString());
        await host.WaitForJobAsync((string)job["id"]!, "succeeded");
    }

    [Theory]
    [InlineData("""{ "task": "languageModel", "dataset": { "name": "dinosaurs" } }""", "1,212 lines|fewer than 50,000")]
    [InlineData("""{ "task": "languageModel", "dataset": { "name": "opinions" }, "architecture": { "dropout": 0.2, "tokenizer": "word" }, "training": { "optimizer": "sgd", "momentum": 0.9, "schedule": { "kind": "cosine" } } }""", "words")]
    [InlineData("""{ "task": "classification", "dataset": { "name": "opinions" }, "validation": { "fraction": 0.2 } }""", "520 examples of|fewer than 3,000 examples|words")]
    [InlineData("""{ "task": "classification", "dataset": { "name": "opinions" }, "architecture": { "hiddenSize": 8, "pooling": "last" }, "training": { "rangeTest": { "steps": 10 }, "classWeighting": "balanced", "seed": 3, "epochs": 2 } }""", "classWeighting")]
    public async Task Every_choice_of_the_service_has_its_reason_and_nothing_else_has(string json, string told)
    {
        await using var host = await StartAsync();
        var request = JsonNode.Parse(json)!.AsObject();
        request["model"] = "m";
        var answer = (await PostAsync(host, Dry(request))).Answer;
        var reasons = answer["reasons"]!.AsArray().ToDictionary(reason => (string)reason!["member"]!, reason => reason!);
        Assert.All(reasons.Values, reason => Assert.Matches(@"^[A-Z0-9].{10,}\.$", (string)reason["reason"]!));
        foreach (string part in told.Split('|'))
            Assert.Contains(reasons.Values, reason => ((string)reason["reason"]!).Contains(part, StringComparison.Ordinal));

        var resolved = Leaves(answer["resolved"]!.AsObject(), "architecture").Concat(Leaves(answer["resolved"]!.AsObject(), "training")).ToDictionary();
        var given = Leaves(request, "architecture").Concat(Leaves(request, "training")).ToDictionary();
        string[] chosen = [.. resolved.Keys.Where(member => !given.ContainsKey(member))];
        Assert.True(chosen.Length > 20);
        if (request["validation"] is null)
            Assert.True(reasons.Remove("validation.fraction"));
        Assert.Equal(chosen.Order(), reasons.Keys.Order());
        Assert.All(reasons, reason => Assert.Equal(resolved[reason.Key].ToJsonString(), reason.Value["value"]!.ToJsonString()));
    }

    [Theory]
    [InlineData(400, """{ "model": "m", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "architecture": { "hiddenSize": 0, "what": 1 } }""")]
    [InlineData(404, """{ "model": "m", "task": "languageModel", "dataset": { "name": "nothing" } }""")]
    [InlineData(404, """{ "model": "m", "task": "classification", "dataset": { "name": "opinions" }, "baseModel": "nothing" }""")]
    [InlineData(409, """{ "model": "lines", "task": "classification", "dataset": { "name": "opinions" } }""")]
    [InlineData(422, """{ "model": "m", "task": "classification", "dataset": { "name": "dinosaurs" } }""")]
    [InlineData(422, """{ "model": "m", "task": "languageModel", "dataset": { "lines": ["a\nb", " "] } }""")]
    [InlineData(422, """{ "model": "m", "task": "classification", "dataset": { "examples": [{ "text": "", "label": "a" }] } }""")]
    [InlineData(422, """{ "model": "m", "task": "classification", "dataset": { "examples": [{ "text": "a b", "label": "a" }, { "text": "b a", "label": "a" }] } }""")]
    [InlineData(422, """{ "model": "m", "task": "languageModel", "dataset": { "text": "short" } }""")]
    public async Task A_dry_run_is_refused_as_the_job_would_be(int status, string json)
    {
        await using var host = await StartAsync();
        if (status == 409)
            await host.SubmitAsync(TinyJobs.LanguageModel("lines"));
        var request = JsonNode.Parse(json)!.AsObject();
        var real = (await PostAsync(host, request, status: status)).Answer;
        var dry = (await PostAsync(host, Dry(request), status: status)).Answer;
        foreach (string member in new[] { "type", "title", "detail", "errors", "faults" })
            Assert.Equal(real[member]?.ToJsonString(), dry[member]?.ToJsonString());
        Assert.True(((string)dry["detail"]!).Length > 10);
    }

    [Fact]
    public async Task With_a_full_queue_a_dry_run_is_answered_and_says_so()
    {
        await using var host = await StartAsync(("Training:MaxQueuedJobs", "1"));
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        await host.WaitUntilLearningAsync(running);
        await host.SubmitAsync(TinyJobs.LanguageModel("queued"));
        await PostAsync(host, TinyJobs.Classifier("third"), status: 503);
        var answer = (await PostAsync(host, Dry(TinyJobs.Classifier("third")))).Answer;
        Assert.Equal("""{"position":2,"waiting":1,"full":true}""", answer["estimate"]!["queue"]!.ToJsonString());
        Assert.True((bool)answer["estimate"]!["busy"]!);
        Assert.Single((await host.GetAsync($"{TinyJobs.Jobs}?status=queued"))["items"]!.AsArray());
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);
    }

    [Fact]
    public async Task The_time_of_a_job_is_capped_by_its_limit()
    {
        await using var host = await StartAsync();
        var request = TinyJobs.Endless();
        double free = (double)(await PostAsync(host, Dry(request))).Answer["estimate"]!["secondsAtMost"]!;
        request["training"]!["maxSeconds"] = 3;
        double capped = (double)(await PostAsync(host, Dry(request))).Answer["estimate"]!["secondsAtMost"]!;
        Assert.True(free > 30, $"{free} s");
        Assert.InRange(capped, 3, 8);
    }

    [Fact]
    public async Task A_dry_run_whose_caller_has_gone_stops_and_lets_the_next_one_in()
    {
        await using var host = await StartAsync(("Training:DryRunSeconds", "30"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var request = Message(Dry(TinyJobs.LanguageModel()), null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Client.SendAsync(request, patience.Token));
        // One that is refused has to wait for its turn as all others do.
        var clock = Stopwatch.StartNew();
        await PostAsync(host, Dry(JsonNode.Parse("""{ "model": "m", "task": "languageModel", "dataset": { "name": "nothing" } }""")!.AsObject()), status: 404);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task More_dry_runs_than_may_wait_are_refused_for_now()
    {
        await using var host = await StartAsync(("Training:MaxWaitingDryRuns", "1"), ("Training:DryRunSeconds", "1"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            using var request = Message(Dry(TinyJobs.LanguageModel()), null);
            using var response = await host.Client.SendAsync(request);
            return (response.StatusCode, response.Headers.RetryAfter?.Delta);
        }));
        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Delta > TimeSpan.Zero));
    }

    [Fact]
    public async Task Waiting_for_ones_turn_does_not_count_for_the_time_that_a_request_may_take()
    {
        await using var host = await StartAsync(("Training:DryRunSeconds", "2"), ("Hosting:RequestTimeoutSeconds", "5"));
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => PostAsync(host, Dry(TinyJobs.LanguageModel()))));
        Assert.True(clock.Elapsed.TotalSeconds > 5, "All were done before one would have been too late.");
    }

    [Fact]
    public async Task One_that_takes_longer_than_a_request_may_is_refused_for_now()
    {
        await using var host = await StartAsync(("Training:DryRunSeconds", "30"), ("Hosting:RequestTimeoutSeconds", "1"));
        var (response, answer) = await PostAsync(host, Dry(TinyJobs.LanguageModel()), status: 503);
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Contains("dry run", (string?)answer["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_into_memory_is_not_tried()
    {
        await using var host = await StartAsync();
        var request = TinyJobs.LanguageModel();
        request["architecture"] = new JsonObject { ["layers"] = 8, ["hiddenSize"] = 4096 };
        request["training"] = new JsonObject { ["batchSize"] = 4096, ["sequenceLength"] = 4096 };
        var answer = (await PostAsync(host, Dry(request))).Answer;
        Assert.Single(answer["warnings"]!.AsArray(), warning => ((string)warning!).Contains("MiB", StringComparison.Ordinal));
        Assert.Null(answer["estimate"]!["secondsAtMost"]);
        Assert.Equal(0, (int)answer["estimate"]!["measuredSteps"]!);
        Assert.True((long)answer["estimate"]!["memoryBytes"]! > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    /// <summary>A service whose measurements are short: what they tell is another test's concern.</summary>
    private static Task<ServiceHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["Training:DryRunSeconds"] = "0.1" };
        foreach (var (key, value) in settings)
            all[key] = value;
        return ServiceHost.StartAsync(all);
    }

    private static JsonObject Dry(JsonObject request)
    {
        var dry = request.DeepClone().AsObject();
        dry["dryRun"] = true;
        return dry;
    }

    private static HttpRequestMessage Message(JsonObject body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(TinyJobs.Jobs, UriKind.Relative)) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private static async Task<(HttpResponseMessage Response, JsonNode Answer)> PostAsync(ServiceHost host, JsonObject body, string? key = null, int status = 200)
    {
        using var request = Message(body, key);
        var response = await host.Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"should be {status}, but is {(int)response.StatusCode}: {text}");
        return (response, JsonNode.Parse(text)!);
    }

    /// <summary>Members that are not null, by path; those of a schedule and of a range test one by one.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode>> Leaves(JsonObject parent, string path)
    {
        string name = path[(path.LastIndexOf('.') + 1)..];
        if (parent[name] is not JsonObject members)
            yield break;
        foreach (var (member, value) in members)
        {
            if (value is JsonObject && member is "schedule" or "rangeTest")
            {
                foreach (var inner in Leaves(members, $"{path}.{member}"))
                    yield return inner;
            }
            else if (value is not null)
            {
                yield return KeyValuePair.Create($"{path}.{member}", value);
            }
        }
    }
}
