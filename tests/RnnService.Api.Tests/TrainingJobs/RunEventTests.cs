using System.Text.Json.Nodes;
using RnnService.Api.TrainingJobs.Events;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class RunEventTests
{
    [Fact]
    public async Task Each_validation_of_a_language_model_tells_its_metrics_and_what_it_writes_by_then()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel("names", epochs: 3);
        request["training"]!["validateEverySteps"] = 2;
        request["training"]!["earlyStoppingPatience"] = 100;
        var job = await host.TrainAsync(request);
        Assert.Equal(2, (int)job["resolved"]!["training"]!["validateEverySteps"]!);
        var metrics = await DataAsync(host, job, "metrics");
        var validated = metrics.Where(data => (bool)data["validated"]!).ToList();
        // 36 lines in batches of 8 are 5 updates an epoch: validated at every second one and at each end.
        Assert.Equal([2, 4, 5, 6, 8, 10, 12, 14, 15], validated.Select(data => (long)data["step"]!));
        Assert.All(validated, data => Assert.All(["trainingLoss", "validationLoss", "bestValidationLoss", "learningRate", "gradientNorm"], name => Assert.True((double)data[name]! > 0, name)));
        Assert.Equal((double)job["result"]!["metrics"]!["validationLoss"]!, validated.Min(data => (double)data["validationLoss"]!));
        Assert.Equal((double)validated.Last(data => (bool)data["isBest"]!)["metrics"]!["perplexity"]!, (double)job["result"]!["metrics"]!["perplexity"]!);

        var samples = await DataAsync(host, job, "sample");
        Assert.Equal(validated.Select(data => (long)data["step"]!), samples.Select(data => (long)data["step"]!));
        Assert.All(samples, data => Assert.Equal(1, (long)data["seed"]!));
        Assert.Contains(samples, data => ((string)data["text"]!).Length > 0);
        // What the last one wrote, the version writes, as its weights are the same where the last validation was the best.
        if ((bool)validated[^1]["isBest"]!)
            Assert.Equal((string?)samples[^1]["text"], (string?)(await host.GetAsync("/api/v1/models/names/sample?temperature=0.8&maxTokens=120&seed=1"))["samples"]![0]!["text"]);
    }

    [Fact]
    public async Task Each_validation_of_a_classifier_names_the_examples_that_it_gets_most_wrong()
    {
        await using var host = await ServiceHost.StartAsync();
        var job = await host.TrainAsync(TinyJobs.Classifier());
        var samples = await DataAsync(host, job, "sample");
        Assert.Equal(2, samples.Count);
        Assert.All(samples, data =>
        {
            var worst = data["worst"]!.AsArray();
            Assert.InRange(worst.Count, 1, 5);
            double[] probabilities = [.. worst.Select(example => (double)example!["probability"]!)];
            Assert.Equal(probabilities.Order(), probabilities);
            Assert.All(worst, example => Assert.Contains((string?)example!["label"], new[] { "positive", "negative" }));
            Assert.All(worst, example => Assert.Contains("is", (string)example!["text"]!, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Advice_is_an_event_with_its_cause_and_its_remedy()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier(epochs: 3);
        request["dataset"] = new JsonObject
        {
            ["examples"] = new JsonArray([.. Enumerable.Range(0, 400).Select(i => new JsonObject { ["text"] = i % 100 == 0 ? $"odd {i}" : $"plain {i}", ["label"] = i % 100 == 0 ? "rare" : "common" })]),
        };
        var job = await host.TrainAsync(request);
        var events = (await host.GetAsync($"{TinyJobs.Jobs}/{job["id"]}/events?limit=200"))["items"]!.AsArray().Where(item => (string?)item!["type"] == "advice").ToList();
        var advice = Assert.Single(events, item => (string?)item!["data"]!["kind"] == "unbalancedClasses")!;
        Assert.Equal("warning", (string?)advice["level"]);
        Assert.Contains("'rare'", (string)advice["data"]!["cause"]!, StringComparison.Ordinal);
        Assert.Contains("classWeighting", (string)advice["data"]!["remedy"]!, StringComparison.Ordinal);
        Assert.True((double)advice["data"]!["figures"]!["ratio"]! > 20);
        Assert.Equal(events.Count, events.Select(item => (string?)item!["data"]!["kind"]).Distinct().Count());
    }

    [Fact]
    public async Task A_training_that_diverges_says_so_and_its_report_keeps_it()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel("wild", epochs: 30);
        request["training"]!["learningRate"] = 3;
        request["architecture"] = TinyJobs.Architecture(hidden: 48);
        var job = await host.TrainAsync(request);
        var advice = Assert.Single(await DataAsync(host, job, "advice"), data => (string?)data["kind"] == "divergingLoss");
        var report = await host.GetAsync("/api/v1/models/wild/versions/1/report");
        Assert.Equal((long)advice["figures"]!["step"]!, (long)report["divergence"]!["step"]!);
        Assert.Equal(3, (double)report["divergence"]!["learningRate"]!);
        Assert.Equal(1.5, (double)report["curve"]!.AsArray()[^1]!["learningRate"]!);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(150, 150, 150)]
    [InlineData(1000, 1000, 200)]
    [InlineData(1_000_000, 1000, 200)]
    public void Of_many_validations_some_are_told_evenly_spread(int planned, int metrics, int samples)
    {
        var pace = new EventPace(planned, TimeProvider.System);
        var told = Enumerable.Range(0, planned).Select(_ => pace.CountValidation()).ToList();
        Assert.True(told[0].Metrics && told[0].Sample);
        Assert.Equal((metrics, samples), (told.Count(one => one.Metrics), told.Count(one => one.Sample)));
    }

    [Fact]
    public void Progress_is_told_once_a_second_and_five_hundred_times_at_most()
    {
        var time = new ManualTime();
        int Told(TimeSpan step)
        {
            var pace = new EventPace(1, time);
            int told = 0;
            for (int i = 1; i <= 100_000; i++)
            {
                time.Advance(step);
                if (!pace.TellsProgress(i, 100_000))
                    continue;
                told++;
                pace.Told(i);
            }

            return told;
        }

        Assert.Equal(500, Told(TimeSpan.FromSeconds(1)));
        Assert.Equal(10, Told(TimeSpan.FromMilliseconds(0.1)));
    }

    private static async Task<IReadOnlyList<JsonNode>> DataAsync(ServiceHost host, JsonNode job, string type) =>
        [.. (await host.GetAsync($"{TinyJobs.Jobs}/{job["id"]}/events?limit=200"))["items"]!.AsArray().Where(item => (string?)item!["type"] == type).Select(item => item!["data"]!)];

    /// <summary>A clock that is moved by hand.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
