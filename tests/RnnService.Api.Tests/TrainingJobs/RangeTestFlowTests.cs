using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>A learning-rate range test before a training, over HTTP.</summary>
public sealed class RangeTestFlowTests
{
    [Fact]
    public async Task The_rate_found_is_told_by_job_report_and_manifest_and_gives_the_same_weights_when_it_is_asked_for()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier("moods", epochs: 3);
        request["training"]!["rangeTest"] = new JsonObject { ["from"] = 1e-4, ["steps"] = 30 };
        var queued = await host.SubmitAsync(request);
        Assert.Equal("""{"from":0.0001,"to":1,"steps":30}""", queued["resolved"]!["training"]!["rangeTest"]!.ToJsonString());
        Assert.Null(queued["resolved"]!["training"]!["learningRate"]);

        var job = await host.WaitForJobAsync((string)queued["id"]!, "succeeded");
        var training = job["resolved"]!["training"]!;
        double rate = (double)training["learningRate"]!;
        Assert.InRange(rate, 1e-4, 1);
        Assert.Null(training["rangeTest"]);
        Assert.Equal((rate, 30), ((double)job["progress"]!["rangeTest"]!["found"]!, (int)job["progress"]!["rangeTest"]!["steps"]!));

        var report = await host.GetAsync("/api/v1/models/moods/versions/1/report");
        var test = report["rangeTest"]!;
        Assert.Equal((rate, true), ((double)test["learningRate"]!, (bool)test["fell"]!));
        Assert.InRange(test["curve"]!.AsArray().Count, 10, 30);
        Assert.Equal(1e-4, (double)test["curve"]![0]!["learningRate"]!);
        Assert.All(report["curve"]!.AsArray(), point => Assert.Equal(rate, (double)point!["learningRate"]!));
        var events = (await host.GetAsync($"{TinyJobs.Jobs}/{(string)job["id"]!}/events"))["items"]!.AsArray();
        var told = events.Single(happened => ((string)happened!["message"]!).Contains("range test", StringComparison.Ordinal))!;
        Assert.Equal((0L, rate), ((long)told["data"]!["step"]!, (double)told["data"]!["learningRate"]!));
        var manifest = await host.GetAsync("/api/v1/models/moods/versions/1");
        Assert.Equal(training.ToJsonString(), manifest["training"]!.ToJsonString());

        var again = TinyJobs.Classifier("moods");
        again["architecture"] = job["resolved"]!["architecture"]!.DeepClone();
        again["training"] = training.DeepClone();
        await host.TrainAsync(again);
        request["training"]!["rangeTest"] = new JsonObject { ["from"] = 1e-4, ["steps"] = 30 };
        await host.TrainAsync(request);
        Assert.Equal(await WeightsAsync(1), await WeightsAsync(2));
        Assert.Equal(await WeightsAsync(1), await WeightsAsync(3));
        Assert.Null((await host.GetAsync("/api/v1/models/moods/versions/2/report"))["rangeTest"]);

        async Task<string> WeightsAsync(int version) =>
            (string)(await host.GetAsync($"/api/v1/models/moods/versions/{version}"))["files"]!.AsArray().Single(file => (string?)file!["name"] == "weights.safetensors")!["sha256"]!;
    }

    [Theory]
    [InlineData("""{ "learningRate": 0.01, "rangeTest": {} }""", "rangeTest", "learningRate", "both")]
    [InlineData("""{ "rangeTest": { "from": 2 } }""", "rangeTest.to", "2", "100", "given 1")]
    [InlineData("""{ "rangeTest": { "from": 0.1, "to": 0.01 } }""", "rangeTest.to", "0.1", "given 0.01")]
    [InlineData("""{ "rangeTest": { "to": 101 } }""", "rangeTest.to", "100", "given 101")]
    [InlineData("""{ "rangeTest": { "from": 0 } }""", "rangeTest.from", "given 0")]
    [InlineData("""{ "rangeTest": { "steps": 9 } }""", "rangeTest.steps", "10", "given 9")]
    [InlineData("""{ "rangeTest": { "lowest": 1 } }""", "rangeTest.lowest", "from", "to", "steps")]
    [InlineData("""{ "rangeTest": true }""", "rangeTest", "object")]
    public async Task What_is_out_of_range_or_contradicts_a_given_rate_is_a_bad_request(string training, string path, params string[] parts)
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier();
        request["training"] = JsonNode.Parse(training);
        var errors = ServiceHost.Errors(await host.PostAsync(TinyJobs.Jobs, request.ToJsonString(), 400));
        Assert.Equal([$"training.{path}"], errors.Keys);
        Assert.All(parts, part => Assert.Contains(part, errors[$"training.{path}"].Single(), StringComparison.Ordinal));
    }
}
