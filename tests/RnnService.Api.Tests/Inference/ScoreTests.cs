using System.Text.Json.Nodes;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Inference;

/// <summary>Token by token: the score of texts and the log-probabilities of samples.</summary>
public sealed class ScoreTests
{
    private const string Names = "/api/v1/models/names";

    [Fact]
    public async Task Texts_are_scored_in_the_order_sent_and_agree_with_sampling_and_evaluation()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        var answer = await host.PostAsync($"{Names}:1/score", """{ "texts": [ "alphabravo", "golf", "q9" ] }""");
        Assert.Equal(("names", 1), ((string?)answer["model"], (int)answer["version"]!));
        var results = answer["results"]!.AsArray();
        Assert.Equal([11, 5, 3], results.Select(result => (int)result!["tokens"]!));
        Assert.Equal([0, 0, 2], results.Select(result => (int)result!["unknownTokens"]!));
        Assert.Equal(["g", "o", "l", "f", ""], results[1]!["tokenScores"]!.AsArray().Select(token => (string?)token!["token"]));
        Assert.Equal(["<unknown>", "<unknown>", ""], results[2]!["tokenScores"]!.AsArray().Select(token => (string?)token!["token"]));
        foreach (var result in results)
        {
            var tokens = result!["tokenScores"]!.AsArray();
            double sum = tokens.Sum(token => (double)token!["logProbability"]!);
            Assert.Equal(sum, (double)result["logProbability"]!, 1e-9);
            Assert.Equal(Math.Exp(-sum / tokens.Count), (double)result["perplexity"]!, 1e-9);
            Assert.All(tokens, token => Assert.InRange((int)token!["rank"]!, 1, 30));
            Assert.All(tokens, token => Assert.InRange((double)token!["entropy"]!, 0, Math.Log(30)));
        }

        var measured = await host.PostAsync($"{Names}/evaluate", """{ "dataset": { "lines": [ "golf" ] } }""");
        Assert.Equal((double)measured["metrics"]!["perplexity"]!, (double)results[1]!["perplexity"]!, 1e-4); // single against double precision
    }

    [Fact]
    public async Task A_sample_tells_its_tokens_when_asked_to_also_as_a_stream()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        var plain = await host.GetAsync($"{Names}/sample?n=2&seed=3&maxTokens=20");
        var told = await host.GetAsync($"{Names}/sample?n=2&seed=3&maxTokens=20&logProbabilities=5");
        foreach (var (without, sample) in plain["samples"]!.AsArray().Zip(told["samples"]!.AsArray()))
        {
            Assert.Null(without!["tokenLogProbabilities"]);
            Assert.Equal((string?)without["text"], (string?)sample!["text"]);
            var tokens = sample["tokenLogProbabilities"]!.AsArray();
            Assert.Equal((int)sample["tokens"]!, tokens.Count);
            Assert.Equal((double)sample["logProbability"]!, tokens.Sum(token => (double)token!["logProbability"]!), 1e-9);
            Assert.Equal((string?)sample["text"], string.Concat(tokens.Select(token => (string?)token!["token"])));
            Assert.All(tokens, token => Assert.Equal(5, token!["top"]!.AsArray().Count));
            Assert.All(tokens, token => Assert.Equal(token!["top"]!.AsArray().Select(top => (double)top!["logProbability"]!).OrderDescending(), token["top"]!.AsArray().Select(top => (double)top!["logProbability"]!)));
        }

        Assert.Empty((await host.GetAsync($"{Names}/sample?logProbabilities=0&seed=1"))["samples"]![0]!["tokenLogProbabilities"]![0]!["top"]!.AsArray());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{Names}/sample?n=2&seed=3&maxTokens=20&logProbabilities=5", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await host.Client.SendAsync(request);
        string done = (await response.Content.ReadAsStringAsync()).Split("event: done\ndata: ")[1].Split('\n')[0];
        Assert.Equal(told.ToJsonString(), JsonNode.Parse(done)!.ToJsonString());
    }

    [Fact]
    public async Task So_many_texts_under_every_label_of_many_are_refused()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel("names", epochs: 1);
        request["dataset"] = new JsonObject { ["examples"] = new JsonArray([.. Enumerable.Range(0, 404).Select(i => (JsonNode)new JsonObject { ["text"] = "alpha", ["label"] = $"label {i % 101}" })]) };
        await host.TrainAsync(request);
        var texts = new JsonArray([.. Enumerable.Range(0, 1000).Select(_ => JsonValue.Create("a"))]);
        string message = Assert.Single(ServiceHost.Errors(await host.PostAsync($"{Names}/score", new JsonObject { ["texts"] = texts.DeepClone() }.ToJsonString(), 400))["label"]);
        Assert.Equal("must be given where texts times labels are more than 100,000, for without it each text is read under every label; given 1,000 texts to a model of 101 labels", message);

        texts.RemoveRange(990, 10); // 99,990 pairs
        Assert.Equal(101, (await host.PostAsync($"{Names}/score", new JsonObject { ["texts"] = texts.DeepClone() }.ToJsonString()))["results"]![989]!["labels"]!.AsArray().Count);
    }

    [Fact]
    public async Task What_cannot_be_scored_is_refused_with_all_its_problems()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.Classifier("moods"));
        var errors = ServiceHost.Errors(await host.PostAsync("/api/v1/models/moods/score", """{ "texts": [ "a", "", 5, null ], "top": 3 }""", 400));
        Assert.Equal(["texts[1]", "texts[2]", "texts[3]", "top"], errors.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("classification", (string)(await host.PostAsync("/api/v1/models/moods/score", """{ "texts": [ "a" ] }""", 409))["detail"]!, StringComparison.Ordinal);
        await host.PostAsync("/api/v1/models/nothing/score", """{ "texts": [ "a" ] }""", 404);
        await host.PostAsync("/api/v1/models/moods/score", $$"""{ "texts": [ "{{new string('a', 4 << 20)}}" ] }""", 413);
        var tooMuch = ServiceHost.Errors(await host.GetAsync("/api/v1/models/moods/sample?logProbabilities=1&n=256&maxTokens=1000", 400));
        Assert.Equal(["logProbabilities"], tooMuch.Keys);
    }
}
