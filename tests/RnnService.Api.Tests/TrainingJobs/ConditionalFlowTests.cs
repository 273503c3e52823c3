using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>Language models of labelled lines over HTTP: trained, drawn from, scored and measured.</summary>
public sealed class ConditionalFlowTests
{
    private const string Model = "/api/v1/models/words";

    /// <summary>Only the label tells how a word goes on.</summary>
    private static JsonArray Words() => [.. Enumerable.Range(0, 90).Select(i => new JsonObject
    {
        ["text"] = i % 3 == 0 ? "pa" + string.Concat(Enumerable.Repeat("ti", 1 + i % 4)) : "pa" + string.Concat(Enumerable.Repeat("molu", 1 + i % 2)),
        ["label"] = i % 3 == 0 ? "short" : "long",
    })];

    private static JsonObject Job(int epochs) => new()
    {
        ["model"] = "words",
        ["task"] = "languageModel",
        ["dataset"] = new JsonObject { ["examples"] = Words() },
        ["architecture"] = new JsonObject { ["hiddenSize"] = 24, ["embeddingSize"] = 12, ["dropout"] = 0 },
        ["training"] = new JsonObject { ["epochs"] = epochs, ["batchSize"] = 8, ["learningRate"] = 0.02, ["earlyStoppingPatience"] = 30, ["seed"] = 3 },
    };

    [Fact]
    public async Task Texts_are_drawn_of_a_label_and_told_apart_by_Bayes_rule()
    {
        await using var host = await ServiceHost.StartAsync();
        var job = await host.TrainAsync(Job(epochs: 30));
        Assert.Equal("null", job["resolved"]!["base"]?.ToJsonString() ?? "null");
        var manifest = await host.GetAsync($"{Model}/versions/1");
        Assert.Equal(["long", "short"], manifest["labels"]!.AsArray().Select(label => (string)label!));
        Assert.Equal(1, manifest["labelShares"]!.AsArray().Sum(share => (double)share!), 1e-12);
        Assert.Equal(2 / 3.0, (double)manifest["labelShares"]![0]!, 1e-2);
        Assert.Equal("stratified", (string?)manifest["split"]!["method"]);

        // Of one label, alike by query and by body.
        var drawn = await host.GetAsync($"{Model}/sample?label=short&n=40&seed=5&maxTokens=30");
        Assert.Equal(drawn.ToJsonString(), (await host.PostAsync($"{Model}/sample", """{ "label": "short", "n": 40, "seed": 5, "maxTokens": 30 }""")).ToJsonString());
        Assert.All(drawn["samples"]!.AsArray(), sample => Assert.Equal("short", (string?)sample!["label"]));
        Assert.True(drawn["samples"]!.AsArray().Count(sample => ((string)sample!["text"]!).StartsWith("pati", StringComparison.Ordinal)) >= 37, drawn.ToJsonString());

        // Of labels that are drawn by their shares, each told, a function of seed and choice.
        var mixed = await host.GetAsync($"{Model}/sample?n=200&seed=5&maxTokens=30");
        var labels = mixed["samples"]!.AsArray().Select(sample => (string)sample!["label"]!).ToArray();
        Assert.InRange(labels.Count(label => label == "long"), 110, 156); // 133 are expected; five deviations of 6.7 would be 100..167
        var few = await host.GetAsync($"{Model}/sample?n=3&seed=5&maxTokens=30");
        Assert.Equal(mixed["samples"]!.AsArray().Take(3).Select(sample => sample!.ToJsonString()), few["samples"]!.AsArray().Select(sample => sample!.ToJsonString()));
        Assert.All(mixed["samples"]!.AsArray().Zip(labels).Take(100), pair => Assert.StartsWith("pa", (string)pair.First!["text"]!, StringComparison.Ordinal));

        // Scores under one label, and under each with its posterior.
        var one = (await host.PostAsync($"{Model}/score", """{ "texts": [ "patiti" ], "label": "long" }"""))["results"]![0]!;
        Assert.Equal(("long", null), ((string?)one["label"], one["labels"]));
        var each = (await host.PostAsync($"{Model}/score", """{ "texts": [ "patiti", "pamolu" ] }"""))["results"]!.AsArray();
        Assert.Equal(["short", "long"], each.Select(result => (string)result!["label"]!));
        foreach (var result in each)
        {
            var under = result!["labels"]!.AsArray();
            Assert.Equal(["long", "short"], under.Select(label => (string)label!["label"]!));
            Assert.Equal(1, under.Sum(label => (double)label!["posterior"]!), 1e-9);
            double[] joint = [.. under.Zip(manifest["labelShares"]!.AsArray(), (label, share) => (double)share! * Math.Exp((double)label!["logProbability"]!))];
            Assert.Equal(joint[0] / joint.Sum(), (double)under[0]!["posterior"]!, 1e-9);
            Assert.True((double)under.Single(label => (string?)label!["label"] == (string?)result["label"])!["posterior"]! > 0.9);
            Assert.Equal((double)result["logProbability"]!, (double)under.Single(label => (string?)label!["label"] == (string?)result["label"])!["logProbability"]!);
        }

        Assert.Equal((double)one["logProbability"]!, (double)each[0]!["labels"]![0]!["logProbability"]!);

        // Measured on labelled examples; rows of unknown labels are left out and listed.
        var measured = await host.PostAsync($"{Model}/evaluate", """{ "dataset": { "examples": [ { "text": "patiti", "label": "long" }, { "text": "pa", "label": "other" } ] } }""");
        Assert.Equal(-(double)one["logProbability"]! / (int)one["tokens"]!, (double)measured["metrics"]!["validationLoss"]!, 1e-5);
        Assert.Equal("unknownLabel", (string?)measured["faults"]![0]!["code"]);
        await host.PostAsync($"{Model}/evaluate", """{ "dataset": { "lines": [ "patiti" ] } }""", 422);

        // The file for other runtimes has the label for an input.
        byte[] file = await host.Client.GetByteArrayAsync($"{Model}/versions/1/files/model.onnx");
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(file);
        Assert.Contains("labels", session.InputMetadata.Keys);
        Assert.Equal("""["long","short"]""", session.ModelMetadata.CustomMetadataMap["labels"]);
    }

    [Fact]
    public async Task Labels_that_are_unknown_or_have_no_meaning_are_refused_by_name()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(Job(epochs: 1));
        await host.TrainAsync(TinyJobs.LanguageModel("plain", epochs: 1));
        foreach (var problem in new[]
        {
            await host.GetAsync($"{Model}/sample?label=other", 400),
            await host.PostAsync($"{Model}/score", """{ "texts": [ "a" ], "label": "other" }""", 400),
        })
            Assert.Matches("\"long\", \"short\".*given \"other\"", Assert.Single(ServiceHost.Errors(problem)["label"]));
        foreach (var problem in new[]
        {
            await host.GetAsync("/api/v1/models/plain/sample?label=short", 400),
            await host.PostAsync("/api/v1/models/plain/score", """{ "texts": [ "a" ], "label": "short" }""", 400),
        })
            Assert.Contains("without labels", Assert.Single(ServiceHost.Errors(problem)["label"]), StringComparison.Ordinal);

        // A model without labels answers as it did: none is told.
        var plain = await host.GetAsync("/api/v1/models/plain/sample?seed=1");
        Assert.Null(plain["samples"]![0]!["label"]);
        Assert.Null((await host.PostAsync("/api/v1/models/plain/score", """{ "texts": [ "alpha" ] }"""))["results"]![0]!["labels"]);
    }
}
