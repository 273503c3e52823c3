using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class PrecisionFlowTests
{
    [Theory]
    [InlineData("bfloat16")]
    [InlineData("int8")]
    public async Task A_service_with_lower_precision_serves_what_it_trains_and_reports_what_that_costs(string precision)
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Inference:WeightPrecision"] = precision });
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        await host.TrainAsync(TinyJobs.Classifier("moods", epochs: 20));

        var report = await host.GetAsync("/api/v1/models/names/versions/1/report");
        string[] precisions = [.. report["precisions"]!.AsArray().Select(entry => (string)entry!["precision"]!)];
        Assert.Equal(["float32", "bfloat16", "int8"], precisions);
        double loss = (double)report["metrics"]!["validationLoss"]!;
        Assert.All(report["precisions"]!.AsArray(), entry =>
        {
            Assert.InRange((double)entry!["validationLoss"]!, loss * 0.99, loss * 1.01);
            Assert.Null(entry["accuracy"]);
            Assert.True((long)entry["measured"]! > 0);
        });
        Assert.Equal(loss, (double)report["precisions"]![0]!["validationLoss"]!);

        report = await host.GetAsync("/api/v1/models/moods/versions/1/report");
        Assert.Equal((double)report["metrics"]!["accuracy"]!, (double)report["precisions"]![0]!["accuracy"]!);
        Assert.All(report["precisions"]!.AsArray(), entry => Assert.Equal((double)report["metrics"]!["examples"]!, (double)entry!["measured"]!));

        var sampled = await host.GetAsync("/api/v1/models/names/sample?n=3&seed=7&maxTokens=30");
        Assert.Equal(sampled.ToJsonString(), (await host.GetAsync("/api/v1/models/names/sample?n=3&seed=7&maxTokens=30")).ToJsonString());
        var answer = await host.PostAsync("/api/v1/models/moods/classify", """{ "texts": [ "alpha is good", "alpha is bad" ] }""");
        Assert.Equal(["positive", "negative"], answer["results"]!.AsArray().Select(result => (string)result!["label"]!));

        // What is measured afterwards is the model as it serves.
        var lines = new JsonObject { ["dataset"] = new JsonObject { ["lines"] = TinyJobs.Lines() } };
        double measured = (double)(await host.PostAsync("/api/v1/models/names/evaluate", lines.ToJsonString()))["metrics"]!["validationLoss"]!;
        Assert.InRange(measured, loss * 0.8, loss * 1.2);
    }
}
