using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>The options of training over HTTP: what they default to, what does not go together, and that they train.</summary>
public sealed class TrainingOptionTests
{
    private static readonly string[] s_rules = ["momentum", "nesterov", "rmsPropDecay", "centered", "beta1", "beta2", "amsGrad", "epsilon", "weightDecay", "averagingPatience"];

    private static readonly string[] s_schedules =
        ["warmupSteps", "decayFactor", "epochsPerDecay", "leastFraction", "riseFraction", "initialDivisor", "finalDivisor", "patience", "threshold", "cooldown"];

    public static TheoryData<string, string> Optimizers => new()
    {
        { "adam", """{ "beta1": 0.9, "beta2": 0.999, "amsGrad": false, "epsilon": 1e-8, "weightDecay": 0 }""" },
        { "adamW", """{ "beta1": 0.9, "beta2": 0.999, "amsGrad": false, "epsilon": 1e-8, "weightDecay": 0.01 }""" },
        { "sgd", """{ "momentum": 0, "nesterov": false, "weightDecay": 0 }""" },
        { "averagedSgd", """{ "weightDecay": 0, "averagingPatience": 5 }""" },
        { "rmsProp", """{ "momentum": 0, "rmsPropDecay": 0.99, "centered": false, "epsilon": 1e-8, "weightDecay": 0 }""" },
        { "adagrad", """{ "epsilon": 1e-10, "weightDecay": 0 }""" },
    };

    public static TheoryData<string, string> Schedules => new()
    {
        { "constant", """{ "warmupSteps": 0 }""" },
        { "step", """{ "warmupSteps": 0, "decayFactor": 0.1, "epochsPerDecay": 10 }""" },
        { "exponential", """{ "warmupSteps": 0, "decayFactor": 0.95 }""" },
        { "cosine", """{ "warmupSteps": 0, "leastFraction": 0 }""" },
        { "oneCycle", """{ "riseFraction": 0.3, "initialDivisor": 25, "finalDivisor": 10000 }""" },
        { "reduceOnPlateau", """{ "warmupSteps": 0, "decayFactor": 0.1, "leastFraction": 0, "patience": 2, "threshold": 0.0001, "cooldown": 0 }""" },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public async Task An_optimizer_has_its_own_numbers_with_their_defaults_and_trains(string optimizer, string numbers)
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel();
        request["training"]!["optimizer"] = optimizer;
        var training = (await host.TrainAsync(request))["resolved"]!["training"]!;
        Assert.Equal(optimizer, (string?)training["optimizer"]);
        AssertOwn(numbers, s_rules, training);
        Assert.True((double)training["learningRate"]! > 0);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task A_schedule_has_its_own_numbers_with_their_defaults_and_trains(string kind, string numbers)
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel();
        request["training"]!["schedule"] = new JsonObject { ["kind"] = kind };
        var training = (await host.TrainAsync(request))["resolved"]!["training"]!;
        Assert.Equal(kind, (string?)training["schedule"]!["kind"]);
        AssertOwn(numbers, s_schedules, training["schedule"]!);
    }

    [Fact]
    public async Task Options_left_out_are_told_as_what_they_default_to()
    {
        await using var host = await ServiceHost.StartAsync();
        var training = (await host.TrainAsync(TinyJobs.Classifier()))["resolved"]!["training"]!;
        Assert.Equal("adam", (string?)training["optimizer"]);
        Assert.Equal("constant", (string?)training["schedule"]!["kind"]);
        Assert.Null(training["gradientClipValue"]);
        Assert.Equal(1, (int)training["gradientAccumulation"]!);
        Assert.All(["activationRegularization", "temporalActivationRegularization", "labelSmoothing"], name => Assert.Equal(0, (double)training[name]!));
        Assert.Null(training["classWeights"]);
    }

    /// <summary>The members after the path are the choices that the setting belongs to, then the one it was given beside.</summary>
    [Theory]
    [InlineData("""{ "momentum": 0.9 }""", "momentum", "sgd", "rmsProp", "adam", "given 0.9")]
    [InlineData("""{ "optimizer": "adagrad", "momentum": 0.9 }""", "momentum", "sgd", "rmsProp", "adagrad")]
    [InlineData("""{ "optimizer": "sgd", "beta1": 0.8 }""", "beta1", "adam", "adamW", "sgd", "given 0.8")]
    [InlineData("""{ "optimizer": "averagedSgd", "amsGrad": true }""", "amsGrad", "adam", "adamW", "averagedSgd", "given true")]
    [InlineData("""{ "optimizer": "sgd", "epsilon": 1e-8 }""", "epsilon", "adagrad", "sgd")]
    [InlineData("""{ "optimizer": "adamW", "averagingPatience": 3 }""", "averagingPatience", "averagedSgd", "adamW", "given 3")]
    [InlineData("""{ "optimizer": "rmsProp", "nesterov": false }""", "nesterov", "sgd", "rmsProp", "given false")]
    [InlineData("""{ "optimizer": "sgd", "nesterov": true }""", "nesterov", "momentum above 0")]
    [InlineData("""{ "schedule": { "patience": 3 } }""", "schedule.patience", "reduceOnPlateau", "constant", "given 3")]
    [InlineData("""{ "schedule": { "kind": "oneCycle", "warmupSteps": 0 } }""", "schedule.warmupSteps", "cosine", "oneCycle")]
    [InlineData("""{ "schedule": { "kind": "cosine", "decayFactor": 0.5 } }""", "schedule.decayFactor", "step", "exponential", "reduceOnPlateau", "cosine")]
    [InlineData("""{ "classWeighting": "balanced", "classWeights": { "positive": 2 } }""", "classWeights", "classWeighting")]
    [InlineData("""{ "classWeights": { "positive": -2 } }""", "classWeights.positive", "above 0", "1000000", "-2")]
    public async Task What_does_not_go_together_is_a_bad_request_that_says_what_would(string training, string path, params string[] parts)
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier();
        request["training"] = JsonNode.Parse(training);
        var errors = ServiceHost.Errors(await host.PostAsync(TinyJobs.Jobs, request.ToJsonString(), 400));
        Assert.Equal([$"training.{path}"], errors.Keys);
        Assert.All(parts, part => Assert.Contains(part, errors[$"training.{path}"].Single(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_weight_of_a_label_that_the_data_lack_is_refused()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier();
        request["training"]!["classWeights"] = new JsonObject { ["positive"] = 1, ["mixed"] = 2 };
        string detail = (string)(await host.PostAsync(TinyJobs.Jobs, request.ToJsonString(), 422))["detail"]!;
        Assert.All(["training.classWeights", "mixed", "negative"], part => Assert.Contains(part, detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_with_many_options_trains_and_its_resolved_settings_are_a_request_that_gives_the_same_weights()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier("moods", epochs: 12);
        request["training"] = JsonNode.Parse("""
            { "epochs": 12, "batchSize": 4, "optimizer": "sgd", "momentum": 0.9, "nesterov": true, "weightDecay": 0.0001, "learningRate": 0.3,
              "schedule": { "kind": "oneCycle", "riseFraction": 0.4 }, "gradientClipNorm": 1, "gradientClipValue": 0.5, "gradientAccumulation": 2, "activationRegularization": 0.01,
              "temporalActivationRegularization": 0.02, "labelSmoothing": 0.05, "classWeighting": "balanced", "earlyStoppingPatience": 100, "seed": 5 }
            """);
        var job = await host.TrainAsync(request);
        var training = job["resolved"]!["training"]!;
        Assert.Equal((0.9, true, 0.4), ((double)training["momentum"]!, (bool)training["nesterov"]!, (double)training["schedule"]!["riseFraction"]!));
        Assert.Equal(["negative", "positive"], training["classWeights"]!.AsObject().Select(weight => weight.Key));
        Assert.Equal(1, (double)training["classWeights"]!["negative"]!, 0.06); // of 36 examples to learn from, about half are negative
        Assert.True((double)job["result"]!["metrics"]!["validationLoss"]! < 0.6, $"{job["result"]}");

        // 36 examples are nine batches, five updates an epoch; the rate rises over two fifths of them and falls to almost nothing.
        Assert.Equal(60, (long)job["progress"]!["totalSteps"]!);
        Assert.Equal(60, (long)job["progress"]!["step"]!);
        var report = await host.GetAsync("/api/v1/models/moods/versions/1/report");
        double[] rates = [.. report["curve"]!.AsArray().Select(point => (double)point!["learningRate"]!)];
        Assert.Equal(0.3, rates.Max(), 0.02);
        Assert.InRange(Array.IndexOf(rates, rates.Max()), 3, 5);
        Assert.True(rates[0] < 0.1 && rates[^1] < 1e-4, string.Join(", ", rates));

        var manifest = await host.GetAsync("/api/v1/models/moods/versions/1");
        Assert.Equal(training.ToJsonString(), manifest["training"]!.ToJsonString());
        var again = TinyJobs.Classifier("moods");
        again["architecture"] = job["resolved"]!["architecture"]!.DeepClone();
        again["training"] = training.DeepClone();
        await host.TrainAsync(again);
        Assert.Equal(await WeightsAsync(1), await WeightsAsync(2));

        async Task<string> WeightsAsync(int version) =>
            (string)(await host.GetAsync($"/api/v1/models/moods/versions/{version}"))["files"]!.AsArray().Single(file => (string?)file!["name"] == "weights.safetensors")!["sha256"]!;
    }

    /// <summary>The numbers expected are there, all others of the list are null.</summary>
    private static void AssertOwn(string expected, string[] all, JsonNode answer)
    {
        var own = JsonNode.Parse(expected)!.AsObject();
        foreach (string name in all)
        {
            Assert.True(answer.AsObject().ContainsKey(name), name);
            Assert.True(JsonNode.DeepEquals(own[name], answer[name]), $"{name}: {own[name]} expected, {answer[name]} given");
        }
    }
}
