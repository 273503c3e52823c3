using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>Jobs with several options of the layers at once, from the request to the model's answers, the same after a restart.</summary>
public sealed class LayerOptionFlowTests
{
    private static JsonNode Options(string more) => JsonNode.Parse($$"""
        { "layers": 2, "hiddenSize": 12, "embeddingSize": 6, "dropout": 0.1, "dropoutKind": "variational", "inputDropout": 0.05, "outputDropout": 0.2, "embeddingDropout": 0.05, "weightDropout": 0.2, "zoneout": 0.1,
          "residual": true, "layerNorm": true, "learnedInitialState": true, {{more}} }
        """)!;

    [Fact]
    public async Task A_language_model_is_trained_sampled_scored_and_exported()
    {
        using var folder = new TemporaryFolder();
        var job = TinyJobs.LanguageModel("names", epochs: 3);
        job["architecture"] = Options("\"tiedEmbeddings\": true");
        JsonNode sampled;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            var trained = await host.TrainAsync(job);
            var resolved = trained["resolved"]!["architecture"]!;
            foreach (var (name, value) in job["architecture"]!.AsObject())
                Assert.Equal(value!.ToJsonString(), resolved[name]!.ToJsonString());
            Assert.True((double)trained["result"]!["metrics"]!["validationLoss"]! > 0);
            sampled = await host.GetAsync("/api/v1/models/names/sample?n=3&seed=7&maxTokens=30");
        }

        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Equal(sampled.ToJsonString(), (await again.GetAsync("/api/v1/models/names/sample?n=3&seed=7&maxTokens=30")).ToJsonString());
        var evaluated = await again.PostAsync("/api/v1/models/names/evaluate", new JsonObject { ["dataset"] = new JsonObject { ["lines"] = TinyJobs.Lines() } });
        var scored = await again.PostAsync("/api/v1/models/names/score", new JsonObject { ["texts"] = TinyJobs.Lines() });
        var results = scored["results"]!.AsArray();
        double loss = -results.Sum(result => (double)result!["logProbability"]!) / results.Sum(result => (int)result!["tokens"]!);
        Assert.Equal((double)evaluated["metrics"]!["validationLoss"]!, loss, 1e-5);

        byte[] file = await again.Client.GetByteArrayAsync("/api/v1/models/names/versions/1/files/model.onnx");
        using var session = new InferenceSession(file);
        int start = int.Parse(session.ModelMetadata.CustomMetadataMap["startToken"], System.Globalization.CultureInfo.InvariantCulture);
        using var run = session.Run([NamedOnnxValue.CreateFromTensor("tokens", new DenseTensor<long>(new long[] { start, 3, 4 }, [3, 1]))]);
        Assert.All(run.Single(output => output.Name == "logits").AsTensor<float>(), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public async Task A_classifier_is_trained_and_classifies_alike_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        var job = TinyJobs.Classifier("moods", epochs: 20);
        job["architecture"] = Options("\"pooling\": \"attention\", \"bidirectional\": true");
        const string texts = """{ "texts": [ "alpha is good", "alpha is bad", "golf is good" ] }""";
        JsonNode answer;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            var trained = await host.TrainAsync(job);
            Assert.Equal("attention", (string?)trained["resolved"]!["architecture"]!["pooling"]);
            answer = await host.PostAsync("/api/v1/models/moods/classify", texts);
            Assert.Equal(["positive", "negative", "positive"], answer["results"]!.AsArray().Select(result => (string)result!["label"]!));
        }

        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Equal(answer.ToJsonString(), (await again.PostAsync("/api/v1/models/moods/classify", texts)).ToJsonString());
        var evaluated = await again.PostAsync("/api/v1/models/moods/evaluate", new JsonObject { ["dataset"] = new JsonObject { ["examples"] = TinyJobs.Examples() } });
        Assert.True((double)evaluated["metrics"]!["accuracy"]! > 0.7);
    }
}
