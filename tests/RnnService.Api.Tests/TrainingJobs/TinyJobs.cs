using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>Requests for jobs that take a moment, and the verbs to run them.</summary>
internal static class TinyJobs
{
    public const string Jobs = "/api/v1/training-jobs";

    private static readonly string[] s_words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"];

    /// <summary>Settings that train in well under a second.</summary>
    public static JsonObject Training(int epochs = 2) => new() { ["epochs"] = epochs, ["batchSize"] = 8, ["seed"] = 1 };

    public static JsonObject Architecture(int hidden = 8) => new() { ["hiddenSize"] = hidden, ["embeddingSize"] = 4, ["dropout"] = 0 };

    /// <summary>40 lines.</summary>
    public static JsonArray Lines() => [.. Enumerable.Range(0, 40).Select(i => JsonValue.Create($"{s_words[i % 10]}{s_words[i * 7 % 10]}"))];

    /// <summary>Labelled sentences, half of each label.</summary>
    public static JsonArray Examples(int count = 40, int from = 0) =>
        [.. Enumerable.Range(from, count).Select(i => new JsonObject { ["text"] = $"{s_words[i % 10]} is {(i % 2 == 0 ? "good" : "bad")}", ["label"] = i % 2 == 0 ? "positive" : "negative" })];

    /// <summary>Some 2,000 characters.</summary>
    public static string Text() => string.Concat(Enumerable.Range(0, 400).Select(i => s_words[i * i % 10] + (i % 8 == 7 ? "\n" : " ")));

    public static JsonObject LanguageModel(string model = "lines", int epochs = 2) => new()
    {
        ["model"] = model,
        ["task"] = "languageModel",
        ["dataset"] = new JsonObject { ["lines"] = Lines() },
        ["architecture"] = Architecture(),
        ["training"] = Training(epochs),
    };

    public static JsonObject Classifier(string model = "opinions", int epochs = 2) => new()
    {
        ["model"] = model,
        ["task"] = "classification",
        ["dataset"] = new JsonObject { ["examples"] = Examples() },
        ["architecture"] = Architecture(),
        ["training"] = Training(epochs),
    };

    /// <summary>A job that goes on until it is stopped.</summary>
    public static JsonObject Endless(string model = "endless")
    {
        var job = LanguageModel(model, epochs: 10_000);
        job["architecture"] = Architecture(hidden: 128);
        job["training"]!["earlyStoppingPatience"] = 1000;
        return job;
    }

    /// <summary>A job of some seconds and as many updates a second as to be met in their midst.</summary>
    public static JsonObject Steady(string model, int epochs = 200)
    {
        var job = LanguageModel(model, epochs);
        job["architecture"] = Architecture(hidden: 48);
        job["training"]!["earlyStoppingPatience"] = 1000;
        return job;
    }

    /// <summary>Asks for a job, which must be accepted.</summary>
    public static Task<JsonNode> SubmitAsync(this ServiceHost host, JsonNode request) => host.PostAsync(Jobs, request.ToJsonString(), 202);

    /// <summary>Runs a job to its end, which must be a success; the job.</summary>
    public static async Task<JsonNode> TrainAsync(this ServiceHost host, JsonNode request) =>
        await host.WaitForJobAsync((string)(await host.SubmitAsync(request))["id"]!, "succeeded");

    /// <summary>Looks until something holds; what was seen then. Fails where it does not hold in time.</summary>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T>> look, Predicate<T> holds, double seconds = 60, int milliseconds = 20)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            Assert.True(watch.Elapsed.TotalSeconds < seconds, $"After {seconds} s it is not so that {what}: {seen}");
            await Task.Delay(milliseconds);
        }
    }

    /// <summary>Waits until something holds that is seen at once.</summary>
    public static Task UntilAsync(string what, Func<bool> holds, double seconds = 60, int milliseconds = 20) =>
        UntilAsync(what, () => Task.FromResult(holds()), held => held, seconds, milliseconds);

    /// <summary>Waits until a job has a status; fails where it ends with another.</summary>
    public static Task<JsonNode> WaitForJobAsync(this ServiceHost host, string id, string status, double seconds = 60) =>
        UntilAsync(
            $"the job is {status}",
            () => host.GetAsync($"{Jobs}/{id}"),
            job =>
            {
                string now = (string)job["status"]!;
                Assert.False(now != status && now is "succeeded" or "failed" or "cancelled", $"The job should become {status}, but ended as {now}: {job}");
                return now == status;
            },
            seconds);

    /// <summary>Waits until a running job has done at least one step.</summary>
    public static Task WaitUntilLearningAsync(this ServiceHost host, string id) =>
        UntilAsync("the job has done a step", () => host.WaitForJobAsync(id, "running"), job => (long)job["progress"]!["step"]! > 0);

    /// <summary>The SHA-256 of the weights that a job has published.</summary>
    public static async Task<string> WeightsAsync(this ServiceHost host, JsonNode job)
    {
        var version = await host.GetAsync($"/api/v1/models/{job["model"]}/versions/{job["result"]!["version"]}");
        return (string)version["files"]!.AsArray().Single(file => (string?)file!["name"] == "weights.safetensors")!["sha256"]!;
    }
}
