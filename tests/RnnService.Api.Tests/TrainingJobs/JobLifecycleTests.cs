using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class JobLifecycleTests
{
    [Fact]
    public async Task With_nothing_but_model_task_and_dataset_every_choice_is_made_and_told()
    {
        await using var host = await ServiceHost.StartAsync();
        var job = await host.SubmitAsync(JsonNode.Parse("""{ "model": "zero", "task": "languageModel", "dataset": { "name": "dinosaurs" } }""")!);
        var architecture = job["resolved"]!["architecture"]!;
        Assert.All(["cell", "layers", "hiddenSize", "embeddingSize", "bidirectional", "dropout", "tokenizer"], name => Assert.NotNull(architecture[name]));
        var training = job["resolved"]!["training"]!;
        Assert.All(["epochs", "batchSize", "sequenceLength", "optimizer", "learningRate", "gradientClipNorm", "earlyStoppingPatience", "seed"], name => Assert.NotNull(training[name]));
        Assert.Equal("dinosaurs", (string?)job["dataset"]!["name"]);
        Assert.Equal(0.1, (double)job["validation"]!["fraction"]!);
        Assert.Equal((int)training["epochs"]!, (int)job["progress"]!["epochs"]!);
        Assert.True((long)job["progress"]!["totalSteps"]! > 0);
        var other = await host.SubmitAsync(JsonNode.Parse("""{ "model": "zero2", "task": "languageModel", "dataset": { "name": "dinosaurs" } }""")!);
        Assert.NotEqual((long)training["seed"]!, (long)other["resolved"]!["training"]!["seed"]!);
        await host.PostAsync($"{TinyJobs.Jobs}/{other["id"]}/cancel", null);
        await host.PostAsync($"{TinyJobs.Jobs}/{job["id"]}/cancel", null);
    }

    [Fact]
    public async Task An_idempotency_key_repeats_the_first_answer_even_after_a_restart_and_is_not_for_another_request()
    {
        using var folder = new TemporaryFolder();
        string first;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            (var status, first, var location) = await PostWithKeyAsync(host, TinyJobs.LanguageModel("names"), "key-1");
            Assert.Equal(HttpStatusCode.Accepted, status);
            string id = (string)JsonNode.Parse(first)!["id"]!;
            Assert.Equal($"{TinyJobs.Jobs}/{id}", location);
            await host.WaitForJobAsync(id, "succeeded");
            Assert.Equal((HttpStatusCode.Accepted, first, location), await PostWithKeyAsync(host, TinyJobs.LanguageModel("names"), "key-1"));
            Assert.Equal(HttpStatusCode.Conflict, (await PostWithKeyAsync(host, TinyJobs.LanguageModel("other"), "key-1")).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await PostWithKeyAsync(host, TinyJobs.LanguageModel("other"), new string('k', 256))).Status);
        }

        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Equal(first, (await PostWithKeyAsync(again, TinyJobs.LanguageModel("names"), "key-1")).Body);
        Assert.Single((await again.GetAsync(TinyJobs.Jobs))["items"]!.AsArray());
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(8, 2)]
    public async Task An_idempotency_key_repeats_its_answer_for_seven_days(int days, int jobs)
    {
        using var folder = new TemporaryFolder();
        string first;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            first = (await PostWithKeyAsync(host, TinyJobs.LanguageModel("names"), "key-1")).Body;
            await host.WaitForJobAsync((string)JsonNode.Parse(first)!["id"]!, "succeeded");
        }

        var clock = new LaterClock(TimeSpan.FromDays(days));
        await using var later = await ServiceHost.StartAsync(root: folder.Path, services: services => services.AddSingleton<TimeProvider>(clock));
        var (status, again, _) = await PostWithKeyAsync(later, TinyJobs.LanguageModel("names"), "key-1");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(jobs == 1, again == first);
        Assert.Equal(again, (await PostWithKeyAsync(later, TinyJobs.LanguageModel("names"), "key-1")).Body);
        Assert.Equal(jobs, (await later.GetAsync(TinyJobs.Jobs))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_same_key_sent_many_times_at_once_makes_one_job()
    {
        await using var host = await ServiceHost.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostWithKeyAsync(host, TinyJobs.LanguageModel("names"), "together")));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.Single((await host.GetAsync(TinyJobs.Jobs))["items"]!.AsArray());
    }

    [Fact]
    public async Task Running_and_queued_jobs_are_cancelled_and_ended_ones_are_not()
    {
        await using var host = await ServiceHost.StartAsync();
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!, queued = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        await host.WaitUntilLearningAsync(running);
        await host.DeleteAsync($"{TinyJobs.Jobs}/{running}", 409);
        await host.DeleteAsync($"{TinyJobs.Jobs}/{queued}", 409);

        var cancelled = await host.PostAsync($"{TinyJobs.Jobs}/{queued}/cancel", null);
        Assert.Equal("cancelled", (string?)cancelled["status"]);
        Assert.NotNull(cancelled["finishedAt"]);
        Assert.Equal("cancelled", (string?)(await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null))["status"]);
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null, 409);
        await host.PostAsync($"{TinyJobs.Jobs}/nobody/cancel", null, 404);

        // The worker goes on with the next one.
        var next = await host.TrainAsync(TinyJobs.LanguageModel("next"));
        await host.PostAsync($"{TinyJobs.Jobs}/{next["id"]}/cancel", null, 409);
        await host.GetAsync("/api/v1/models/endless", 404);
        Assert.Equal("cancelled", (string?)(await host.GetAsync($"{TinyJobs.Jobs}/{running}"))["status"]);
        await host.DeleteAsync($"{TinyJobs.Jobs}/{running}");
        await host.DeleteAsync($"{TinyJobs.Jobs}/{running}", 404);
        await host.GetAsync($"{TinyJobs.Jobs}/{running}", 404);
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_in_pages_and_by_status_and_model()
    {
        await using var host = await ServiceHost.StartAsync();
        var ids = new List<string>();
        foreach (string model in new[] { "a", "b", "a", "b", "a" })
            ids.Add((string)(await host.TrainAsync(TinyJobs.LanguageModel(model, epochs: 1)))["id"]!);
        ids.Reverse();

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await host.GetAsync($"{TinyJobs.Jobs}?limit=2{(after is null ? "" : "&after=" + after)}");
            Assert.InRange(page["items"]!.AsArray().Count, 1, 2);
            seen.AddRange(page["items"]!.AsArray().Select(item => (string)item!["id"]!));
            after = (string?)page["next"];
        }
        while (after is not null);
        Assert.Equal(ids, seen);

        Assert.Equal(3, (await host.GetAsync($"{TinyJobs.Jobs}?model=a"))["items"]!.AsArray().Count);
        Assert.Equal(5, (await host.GetAsync($"{TinyJobs.Jobs}?status=succeeded"))["items"]!.AsArray().Count);
        Assert.Empty((await host.GetAsync($"{TinyJobs.Jobs}?status=failed&model=a"))["items"]!.AsArray());
        var errors = ServiceHost.Errors(await host.GetAsync($"{TinyJobs.Jobs}?status=done&limit=0&after=zzz&model=A&color=red", 400));
        Assert.Equal(["after", "color", "limit", "model", "status"], errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_model_name_keeps_its_task_for_versions_and_for_waiting_jobs()
    {
        await using var host = await ServiceHost.StartAsync();
        string waiting = (string)(await host.SubmitAsync(TinyJobs.Endless("words")))["id"]!;
        var conflict = await host.PostAsync(TinyJobs.Jobs, TinyJobs.Classifier("words").ToJsonString(), 409);
        Assert.Contains("languageModel", (string)conflict["detail"]!, StringComparison.Ordinal);
        await host.PostAsync($"{TinyJobs.Jobs}/{waiting}/cancel", null);

        await host.TrainAsync(TinyJobs.Classifier("words"));
        await host.PostAsync(TinyJobs.Jobs, TinyJobs.LanguageModel("words").ToJsonString(), 409);
        await host.DeleteAsync("/api/v1/models/words");
        Assert.Equal(2, (int)(await host.TrainAsync(TinyJobs.LanguageModel("words")))["result"]!["version"]!);
    }

    [Fact]
    public async Task A_dataset_is_kept_while_a_job_needs_it_and_may_go_afterwards()
    {
        await using var host = await ServiceHost.StartAsync();
        var running = await host.SubmitAsync(TinyJobs.Endless());
        string name = (string)running["dataset"]!["name"]!;
        await host.DeleteAsync($"/api/v1/datasets/{name}", 409);
        await host.PostAsync($"{TinyJobs.Jobs}/{running["id"]}/cancel", null);
        await host.DeleteAsync($"/api/v1/datasets/{name}");
    }

    [Fact]
    public async Task Validation_data_of_its_own_is_measured_on()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier("moods");
        request["validation"] = new JsonObject { ["dataset"] = new JsonObject { ["examples"] = JsonNode.Parse("""[ { "text": "it is good", "label": "positive" } ]""") } };
        var job = await host.TrainAsync(request);
        Assert.Null(job["validation"]!["fraction"]);
        Assert.Equal(1, (double)job["result"]!["metrics"]!["examples"]!);
        var manifest = await host.GetAsync("/api/v1/models/moods/versions/1");
        Assert.Equal("given", (string?)manifest["split"]!["method"]);
        Assert.Equal(40, (long)manifest["split"]!["trainingSequences"]!);
        Assert.Equal((string?)job["validation"]!["dataset"]!["sha256"], (string?)manifest["split"]!["validationDataset"]!["sha256"]);
    }

    [Fact]
    public async Task A_training_that_diverges_fails_with_a_reason_and_publishes_nothing()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel("wild", epochs: 3);
        request["training"]!["learningRate"] = 100;
        request["training"]!["gradientClipNorm"] = 1_000_000;
        request["architecture"]!["layers"] = 2;
        var job = await host.SubmitAsync(request);
        var ended = await TinyJobs.UntilAsync("the job has ended", () => host.GetAsync($"{TinyJobs.Jobs}/{job["id"]}"), job => (string?)job["status"] is not ("queued" or "running"));

        // Whether it diverges depends on the arithmetic; either way what is said must be whole.
        if ((string?)ended["status"] == "failed")
        {
            Assert.Equal("/problems/diverged", (string?)ended["error"]!["type"]);
            Assert.Null(ended["result"]);
            await host.GetAsync("/api/v1/models/wild", 404);
        }
        else
        {
            Assert.Equal("succeeded", (string?)ended["status"]);
            Assert.NotNull(ended["result"]);
        }
    }

    [Fact]
    public async Task A_job_whose_data_is_gone_fails_and_says_so()
    {
        await using var host = await ServiceHost.StartAsync();
        string blocker = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        var lines = TinyJobs.LanguageModel("later");
        lines["dataset"] = new JsonObject { ["text"] = TinyJobs.Text() };
        var job = await host.SubmitAsync(lines);
        Directory.Delete(Path.Combine(host.Root, "datasets", (string)job["dataset"]!["sha256"]!), recursive: true);
        await host.PostAsync($"{TinyJobs.Jobs}/{blocker}/cancel", null);
        var failed = await host.WaitForJobAsync((string)job["id"]!, "failed");
        Assert.Equal("/problems/data-gone", (string?)failed["error"]!["type"]);
        Assert.NotNull(failed["error"]!["detail"]);
        Assert.NotNull(failed["finishedAt"]);
    }

    private static async Task<(HttpStatusCode Status, string Body, string? Location)> PostWithKeyAsync(ServiceHost host, JsonObject job, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(TinyJobs.Jobs, UriKind.Relative))
        {
            Content = new StringContent(job.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await host.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.OriginalString);
    }
}
