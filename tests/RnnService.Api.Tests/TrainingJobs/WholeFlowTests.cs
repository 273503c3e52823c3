using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class WholeFlowTests
{
    [Fact]
    public async Task A_language_model_of_lines_is_trained_published_and_sampled()
    {
        await using var host = await ServiceHost.StartAsync();
        var job = await host.TrainAsync(TinyJobs.LanguageModel("names"));

        Assert.Equal("names:1", (string?)job["result"]!["reference"]);
        Assert.Equal(1, (int)job["result"]!["version"]!);
        Assert.True((double)job["result"]!["metrics"]!["validationLoss"]! > 0);
        Assert.Equal(8, (int)job["resolved"]!["architecture"]!["hiddenSize"]!);
        Assert.Equal("lstm", (string?)job["resolved"]!["architecture"]!["cell"]);
        Assert.Equal(1, (long)job["resolved"]!["training"]!["seed"]!);
        Assert.True((long)job["resolved"]!["parameters"]! > 0);
        Assert.True((long)job["resolved"]!["memoryBytes"]! > 0);
        Assert.Equal(1, (double)job["progress"]!["fraction"]!);
        Assert.Equal(2, (int)job["progress"]!["epoch"]!);
        Assert.NotNull(job["progress"]!["validationLoss"]);
        Assert.Null(job["error"]);
        Assert.NotNull(job["finishedAt"]);

        var model = await host.GetAsync("/api/v1/models/names");
        Assert.Equal("languageModel", (string?)model["task"]);
        Assert.Equal(1, (int)model["aliases"]!["latest"]!);
        Assert.Equal("ready", (string?)model["versions"]![0]!["status"]);

        var sampled = await host.GetAsync("/api/v1/models/names/sample?n=3&seed=7&maxTokens=30&temperature=0.8");
        Assert.Equal(7, (long)sampled["seed"]!);
        Assert.Equal(3, sampled["samples"]!.AsArray().Count);
        Assert.All(sampled["samples"]!.AsArray(), sample => Assert.Contains((string)sample!["finishReason"]!, new[] { "endOfSequence", "length" }));
        Assert.Equal(0.8, (double)sampled["parameters"]!["temperature"]!);
        Assert.Equal(0, (int)sampled["usage"]!["promptTokens"]!);
        Assert.Equal(sampled["samples"]!.AsArray().Sum(sample => (int)sample!["tokens"]!), (int)sampled["usage"]!["generatedTokens"]!);

        var again = await host.PostAsync("/api/v1/models/names@latest/sample", """{ "n": 3, "seed": 7, "maxTokens": 30, "temperature": 0.8 }""");
        Assert.Equal(sampled.ToJsonString(), again.ToJsonString());
        var evaluated = await host.PostAsync("/api/v1/models/names:1/evaluate", new JsonObject { ["dataset"] = new JsonObject { ["lines"] = TinyJobs.Lines() } });
        Assert.Equal(40, (long)evaluated["measured"]!);
        Assert.True((double)evaluated["metrics"]!["perplexity"]! > 1);

        var wrongTask = await host.GetAsync("/api/v1/models/names/classify?text=a", 409);
        Assert.Contains("languageModel", (string)wrongTask["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_classifier_is_trained_published_and_classifies_in_the_order_sent()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.Classifier("moods", epochs: 20));

        var answer = await host.PostAsync("/api/v1/models/moods/classify", """{ "texts": [ "alpha is good", "alpha is bad", "golf is good" ] }""");
        string[] labels = [.. answer["results"]!.AsArray().Select(result => (string)result!["label"]!)];
        Assert.Equal(["positive", "negative", "positive"], labels);
        var first = answer["results"]![0]!;
        Assert.Equal(1, first["probabilities"]!.AsObject().Sum(pair => (double)pair.Value!), 5);
        Assert.Equal((double)first["probability"]!, (double)first["probabilities"]!["positive"]!);
        Assert.False((bool)first["truncated"]!);

        var one = await host.GetAsync("/api/v1/models/moods/classify?text=alpha%20is%20good");
        Assert.Equal(first.ToJsonString(), one["results"]![0]!.ToJsonString());

        var evaluated = await host.PostAsync(
            "/api/v1/models/moods/evaluate",
            """{ "dataset": { "examples": [ { "text": "alpha is good", "label": "positive" }, { "text": "x", "label": "mixed" }, { "text": " ", "label": "negative" } ] } }""");
        Assert.Equal(1, (long)evaluated["measured"]!);
        Assert.Equal(2, (long)evaluated["faultCount"]!);
        Assert.Equal("unknownLabel", (string?)evaluated["faults"]![0]!["code"]);
        Assert.Equal(2, (long)evaluated["faults"]![0]!["row"]!);
        Assert.Equal("emptyText", (string?)evaluated["faults"]![1]!["code"]);
        Assert.Equal(1, (double)evaluated["metrics"]!["accuracy"]!);

        var wrongTask = await host.GetAsync("/api/v1/models/moods/sample", 409);
        Assert.Contains("classification", (string)wrongTask["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_language_model_of_one_long_text_is_trained_and_goes_on_from_a_prompt()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel("book");
        request["dataset"] = new JsonObject { ["text"] = TinyJobs.Text() };
        await host.TrainAsync(request);
        var sampled = await host.GetAsync("/api/v1/models/book/sample?prompt=alpha&maxTokens=12");
        Assert.Equal(5, (int)sampled["usage"]!["promptTokens"]!);
        Assert.Equal("length", (string?)sampled["samples"]![0]!["finishReason"]);
        Assert.Equal(12, (int)sampled["samples"]![0]!["tokens"]!);
    }

    [Fact]
    public async Task Manifest_report_and_files_are_served_with_their_hashes()
    {
        await using var host = await ServiceHost.StartAsync();
        var job = await host.TrainAsync(TinyJobs.Classifier("moods"));
        var manifest = await host.GetAsync("/api/v1/models/moods/versions/1");
        Assert.Equal((string?)job["id"], (string?)manifest["jobId"]);
        Assert.Equal(["negative", "positive"], manifest["labels"]!.AsArray().Select(label => (string?)label));
        Assert.Equal("stratified", (string?)manifest["split"]!["method"]);
        Assert.Equal(40, (long)manifest["split"]!["trainingSequences"]! + (long)manifest["split"]!["validationSequences"]!);
        Assert.Equal((string?)job["dataset"]!["sha256"], (string?)manifest["dataset"]!["sha256"]);

        foreach (var file in manifest["files"]!.AsArray())
        {
            string name = (string)file!["name"]!, hash = (string)file["sha256"]!;
            using var response = await host.Client.GetAsync(new Uri($"/api/v1/models/moods/versions/1/files/{name}", UriKind.Relative));
            byte[] bytes = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal((long)file["bytes"]!, bytes.Length);
            Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            Assert.Equal($"\"{hash}\"", response.Headers.ETag?.Tag);

            using var conditional = new HttpRequestMessage(HttpMethod.Get, response.RequestMessage!.RequestUri);
            conditional.Headers.IfNoneMatch.Add(response.Headers.ETag!);
            using var unchanged = await host.Client.SendAsync(conditional);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

            using var ranged = new HttpRequestMessage(HttpMethod.Get, response.RequestMessage.RequestUri);
            ranged.Headers.Range = new(2, 9);
            using var part = await host.Client.SendAsync(ranged);
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(bytes[2..10], await part.Content.ReadAsByteArrayAsync());
        }

        var report = await host.GetAsync("/api/v1/models/moods/versions/1/report");
        Assert.Equal(2, report["curve"]!.AsArray().Count);
        Assert.Equal(["majority", "naiveBayes"], report["baselines"]!.AsArray().Select(baseline => (string?)baseline!["name"]));
        Assert.True((int)report["hardware"]!["cores"]! > 0);
        Assert.Equal(manifest["split"]!.ToJsonString(), report["split"]!.ToJsonString());
        Assert.Equal(manifest["metrics"]!.ToJsonString(), report["metrics"]!.ToJsonString());
        await host.GetAsync("/api/v1/models/moods/versions/1/files/secrets.txt", 404);
        await host.GetAsync("/api/v1/models/moods/versions/1/files/..%2f..%2fservice.db", 404);
    }

    [Fact]
    public async Task The_same_request_and_seed_give_equal_weights_with_one_thread_and_with_two()
    {
        var hashes = new List<string>();
        foreach (string threads in new[] { "1", "2" })
        {
            await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Training:Threads"] = threads });
            await host.TrainAsync(TinyJobs.LanguageModel("first"));
            await host.TrainAsync(TinyJobs.LanguageModel("second"));
            foreach (string name in new[] { "first", "second" })
            {
                var manifest = await host.GetAsync($"/api/v1/models/{name}/versions/1");
                hashes.Add((string)manifest["files"]!.AsArray().Single(file => (string?)file!["name"] == "weights.safetensors")!["sha256"]!);
            }
        }

        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public async Task Samples_come_as_a_stream_of_events_that_ends_with_the_whole_answer()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        var whole = await host.GetAsync("/api/v1/models/names/sample?n=2&seed=3&maxTokens=20");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/models/names/sample?n=2&seed=3&maxTokens=20", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await host.Client.SendAsync(request);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);

        var texts = new Dictionary<int, string> { [0] = "", [1] = "" };
        JsonNode? done = null;
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        foreach (string item in events)
        {
            string[] lines = item.Split('\n');
            var data = JsonNode.Parse(lines.Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..])!;
            Assert.Null(done);
            if (lines.Contains("event: done"))
                done = data;
            else
                texts[(int)data["index"]!] += (string)data["text"]!;
        }

        Assert.Equal(whole.ToJsonString(), done?.ToJsonString());
        Assert.Equal(whole["samples"]!.AsArray().Select(sample => (string?)sample!["text"]), [texts[0], texts[1]]);
    }
}
