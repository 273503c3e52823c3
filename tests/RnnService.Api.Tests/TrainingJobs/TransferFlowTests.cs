using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>Jobs that start from a version over HTTP: classifiers from language models, and runs that go on.</summary>
public sealed class TransferFlowTests
{
    private static JsonObject Language(string model = "language")
    {
        var job = TinyJobs.LanguageModel(model, epochs: 2);
        job["dataset"] = new JsonObject { ["lines"] = new JsonArray([.. TinyJobs.Examples().Select(example => JsonValue.Create((string)example!["text"]!))]) };
        job["architecture"]!["tokenizer"] = "word";
        job["architecture"]!["minimumCount"] = 1;
        return job;
    }

    private static JsonObject FineTuned(string @base, string? architecture = null, string training = """{ "epochs": 6, "batchSize": 8, "learningRate": 0.02, "seed": 1 }""")
    {
        var job = new JsonObject
        {
            ["model"] = "moods",
            ["task"] = "classification",
            ["baseModel"] = @base,
            ["dataset"] = new JsonObject { ["examples"] = TinyJobs.Examples() },
            ["training"] = JsonNode.Parse(training),
        };
        job["dataset"]!["examples"]!.AsArray().Add(new JsonObject { ["text"] = "zeppelins are good", ["label"] = "positive" });
        job["dataset"]!["examples"]!.AsArray().Add(new JsonObject { ["text"] = "zeppelins are bad", ["label"] = "negative" });
        job["dataset"]!["examples"]!.AsArray().Add(new JsonObject { ["text"] = "no zeppelins", ["label"] = "negative" });
        if (architecture is not null)
            job["architecture"] = JsonNode.Parse(architecture);
        return job;
    }

    private static JsonObject GoingOn(JsonObject job, string from)
    {
        job["continueFrom"] = from;
        job.Remove("architecture");
        return job;
    }

    [Fact]
    public async Task A_classifier_starts_from_a_language_model_and_says_so()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(Language());
        var job = await host.TrainAsync(FineTuned("language"));

        var resolved = job["resolved"]!;
        Assert.Equal((8, 4, false, "concat", "word"), ((int)resolved["architecture"]!["hiddenSize"]!, (int)resolved["architecture"]!["embeddingSize"]!, (bool)resolved["architecture"]!["bidirectional"]!,
            (string)resolved["architecture"]!["pooling"]!, (string)resolved["architecture"]!["tokenizer"]!));
        Assert.NotNull(resolved["training"]!["gradualUnfreezing"]);
        Assert.NotNull(resolved["training"]!["layerRateDecay"]);
        var start = resolved["base"]!;
        Assert.Equal(("baseModel", "language:1", 3), ((string)start["kind"]!, (string)start["reference"]!, (int)start["tokensAdded"]!));

        var manifest = await host.GetAsync("/api/v1/models/moods/versions/1");
        var language = await host.GetAsync("/api/v1/models/language/versions/1");
        string weights = (string)language["files"]!.AsArray().Single(file => (string?)file!["name"] == "weights.safetensors")!["sha256"]!;
        var lineage = manifest["lineage"]!;
        Assert.Equal(("language", 1, weights, "baseModel"), ((string)lineage["baseModel"]!, (int)lineage["baseVersion"]!, (string)lineage["baseWeightsSha256"]!, (string)lineage["kind"]!));
        Assert.Equal(language["dataset"]!.ToJsonString(), lineage["baseDataset"]!.ToJsonString());
        Assert.Null(language["lineage"]);
        Assert.Equal((string)start["weightsSha256"]!, weights);

        // What was resolved, sent again, gives the same bits.
        var again = FineTuned("language:1");
        again["model"] = "moods2";
        again["architecture"] = resolved["architecture"]!.DeepClone();
        again["training"] = resolved["training"]!.DeepClone();
        await host.TrainAsync(again);
        Assert.Equal(manifest["files"]![0]!["sha256"]!.ToJsonString(), (await host.GetAsync("/api/v1/models/moods2/versions/1"))["files"]![0]!["sha256"]!.ToJsonString());
        var classified = await host.PostAsync("/api/v1/models/moods/classify", """{ "texts": [ "zeppelins are good" ] }""");
        Assert.Equal(0, (int)classified["results"]![0]!["unknownTokens"]!);
    }

    [Fact]
    public async Task A_version_is_trained_on_with_its_vocabulary_and_labels()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("lines"));
        var more = GoingOn(TinyJobs.LanguageModel("lines"), "lines");
        more["dataset"] = new JsonObject { ["lines"] = new JsonArray([.. TinyJobs.Lines().Select((line, i) => JsonValue.Create((string)line! + (i < 30 ? "üü" : "")))]) };
        var job = await host.TrainAsync(more);
        Assert.Equal("lines:2", (string?)job["result"]!["reference"]);
        string warning = (string)Assert.Single(job["warnings"]!.AsArray(), one => ((string)one!).EndsWith("read as unknown.", StringComparison.Ordinal))!;
        Assert.Matches(@"^\d+ of \d+ characters .*\(1 different ones\)", warning);
        Assert.Equal((long)job["resolved"]!["base"]!["unknownTokens"]!, long.Parse(warning.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        var (first, second) = (await host.GetAsync("/api/v1/models/lines/versions/1"), await host.GetAsync("/api/v1/models/lines/versions/2"));
        Assert.Equal(first["architecture"]!.ToJsonString(), second["architecture"]!.ToJsonString());
        Assert.Equal(Hash(first, "tokenizer.json"), Hash(second, "tokenizer.json"));
        Assert.NotEqual(Hash(first, "weights.safetensors"), Hash(second, "weights.safetensors"));
        Assert.Equal("continueFrom", (string?)second["lineage"]!["kind"]);

        await host.TrainAsync(TinyJobs.Classifier());
        await host.TrainAsync(GoingOn(TinyJobs.Classifier(), "opinions:1"));
        Assert.Empty((await host.GetAsync("/api/v1/models/opinions/versions/2"))["labels"]!.AsArray().Select(label => (string)label!).Except(["negative", "positive"]));
        var strange = GoingOn(TinyJobs.Classifier(), "opinions");
        strange["dataset"]!["examples"]![0]!["label"] = "doubtful";
        var refused = await host.PostAsync(TinyJobs.Jobs, strange.ToJsonString(), 422);
        Assert.Matches("doubtful.*negative, positive", (string)refused["detail"]!);

        static string Hash(JsonNode manifest, string name) => (string)manifest["files"]!.AsArray().Single(file => (string?)file!["name"] == name)!["sha256"]!;
    }

    [Fact]
    public async Task What_cannot_be_started_from_is_refused_with_the_member_and_both_values()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(Language());
        await host.TrainAsync(TinyJobs.Classifier(epochs: 1));
        await host.TrainAsync(TinyJobs.Classifier("labelled", epochs: 1));
        Task<JsonNode> Ask(JsonObject job, int status) => host.PostAsync(TinyJobs.Jobs, job.ToJsonString(), status);

        var contradicted = ServiceHost.Errors(await Ask(FineTuned("language", """{ "hiddenSize": 9, "bidirectional": true, "tokenizer": "character", "dropout": 0.9 }"""), 400));
        Assert.Equal(["architecture.bidirectional", "architecture.hiddenSize", "architecture.tokenizer"], contradicted.Keys.Order());
        Assert.Matches("baseModel, 8; given 9", contradicted["architecture.hiddenSize"][0]);
        Assert.Matches("\"word\"; given \"character\"", contradicted["architecture.tokenizer"][0]);

        Assert.Equal("baseModel", Assert.Single(ServiceHost.Errors(await Ask(FineTuned("nobody"), 404))).Key);
        Assert.Equal("baseModel", Assert.Single(ServiceHost.Errors(await Ask(FineTuned("language:7"), 404))).Key);
        Assert.Equal("continueFrom", Assert.Single(ServiceHost.Errors(await Ask(GoingOn(TinyJobs.Classifier(), "opinions@none"), 404))).Key);
        Assert.Contains("classification", (string)(await Ask(FineTuned("opinions"), 409))["detail"]!, StringComparison.Ordinal);
        Assert.Contains("languageModel", (string)(await Ask(GoingOn(TinyJobs.LanguageModel("other"), "opinions"), 409))["detail"]!, StringComparison.Ordinal);

        // All at once, before anything is looked up.
        var both = FineTuned("a b");
        both["continueFrom"] = "language";
        both["task"] = "languageModel";
        both["training"] = JsonNode.Parse("""{ "layerRateDecay": 0, "gradualUnfreezing": 1001 }""");
        Assert.Equal(["baseModel", "continueFrom", "training.gradualUnfreezing", "training.layerRateDecay"], ServiceHost.Errors(await Ask(both, 400)).Keys.Order());
        var alone = TinyJobs.Classifier();
        alone["training"]!["layerRateDecay"] = 0.5;
        alone["training"]!["gradualUnfreezing"] = 2;
        Assert.Equal(["training.gradualUnfreezing", "training.layerRateDecay"], ServiceHost.Errors(await Ask(alone, 400)).Keys.Order());

        // Nothing of all that became a job.
        Assert.Equal(3, (await host.GetAsync(TinyJobs.Jobs))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_version_that_a_job_starts_from_stays_until_the_job_has_ended()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(Language());
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        string waiting = (string)(await host.SubmitAsync(FineTuned("language")))["id"]!;

        var refused = await host.DeleteAsync("/api/v1/models/language/versions/1", 409);
        Assert.Contains(waiting, (string)refused["detail"]!, StringComparison.Ordinal);
        await host.DeleteAsync("/api/v1/models/language", 409);

        await host.PostAsync($"{TinyJobs.Jobs}/{waiting}/cancel", null);
        await host.DeleteAsync("/api/v1/models/language/versions/1");
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);
    }

    [Fact]
    public async Task A_job_whose_base_is_gone_from_the_folder_fails_and_says_why()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(Language());
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        string waiting = (string)(await host.SubmitAsync(FineTuned("language")))["id"]!;
        File.WriteAllText(Path.Combine(host.Root, "models", "language", "1", "weights.safetensors"), "not what it was");
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);

        var failed = await host.WaitForJobAsync(waiting, "failed");
        Assert.Equal(404, (int)failed["error"]!["status"]!);
        Assert.Contains("language:1", (string)failed["error"]!["detail"]!, StringComparison.Ordinal);
    }
}
