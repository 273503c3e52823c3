using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace RnnService.Api.Tests;

/// <summary>The main job on real data, with the settings that the service chooses. Run with <c>dotnet test --filter Category=RealData</c> and RNN_DATA set.</summary>
[Trait("Category", "RealData")]
public sealed class RealDataTests(ITestOutputHelper output)
{
    [RealDataFact]
    public async Task Dinosaur_names_are_learned_and_new_ones_invented()
    {
        await using var service = await ServiceHost.StartAsync();
        string file = Path.Combine(RealDataFactAttribute.Folder!, "dinos", "dinos_clean.txt");
        await UploadAsync(service, "dinos", "format=lines", file);
        var job = await TrainAsync(service, new { model = "dinos", task = "languageModel", dataset = new { name = "dinos" } }, TimeSpan.FromMinutes(2));

        Assert.InRange(Loss(job), 1.0, 1.72);

        var known = File.ReadLines(file).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var samples = (await service.GetAsync("/api/v1/models/dinos/sample?n=200&temperature=0.8&seed=1"))["samples"]!.AsArray();
        Assert.Equal(200, samples.Count);
        string[] texts = [.. samples.Select(sample => (string)sample!["text"]!)];
        Assert.All(texts, text => Assert.Matches(@"^\p{L}{2,40}$", text));
        Assert.All(samples, sample => Assert.Equal("endOfSequence", (string)sample!["finishReason"]!));
        int invented = texts.Count(text => !known.Contains(text));
        output.WriteLine($"{invented} of 200 samples are new.");
        Assert.True(invented >= 160, $"Only {invented} of 200 samples are new.");
    }

    [RealDataFact]
    public async Task Shakespeare_is_learned_by_a_small_network_in_minutes()
    {
        await using var service = await ServiceHost.StartAsync();
        await UploadAsync(service, "shakespeare", "format=text", Path.Combine(RealDataFactAttribute.Folder!, "tinyshakespeare", "input.txt"));
        var job = await TrainAsync(
            service,
            new { model = "shakespeare", task = "languageModel", dataset = new { name = "shakespeare" }, architecture = new { layers = 1, hiddenSize = 128 }, training = new { maxSeconds = 360 } },
            TimeSpan.FromMinutes(8));
        Assert.InRange(Loss(job), 1.3, 1.62);
    }

    [RealDataFact]
    public async Task Film_reviews_are_classified_and_answered_in_milliseconds()
    {
        await using var service = await ServiceHost.StartAsync();
        string[] rows = File.ReadAllLines(Path.Combine(RealDataFactAttribute.Folder!, "mr", "mr.train.tsv"));

        // Every seventh row is never shown to the service.
        string[] shown = [.. rows.Where((_, i) => i == 0 || i % 7 != 0)], unseen = [.. rows.Where((_, i) => i > 0 && i % 7 == 0)];
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "mr.tsv");
        await File.WriteAllLinesAsync(file, shown);
        await UploadAsync(service, "mr", "format=tsv", file);
        await TrainAsync(service, new { model = "mr", task = "classification", dataset = new { name = "mr" } }, TimeSpan.FromMinutes(5));

        int right = 0;
        foreach (string[] part in unseen.Chunk(200))
        {
            var results = (await service.PostAsync("/api/v1/models/mr/classify", new { texts = part.Select(row => row.Split('\t')[1]) }))["results"]!.AsArray();
            right += results.Zip(part).Count(pair => (string)pair.First!["label"]! == pair.Second.Split('\t')[0]);
        }

        double accuracy = (double)right / unseen.Length;
        output.WriteLine($"{accuracy:P1} of {unseen.Length} unseen reviews.");
        Assert.True(accuracy >= 0.74, $"accuracy {accuracy:P1}");

        // Not a benchmark: a limit that only a mistake would miss, on the median of many calls.
        var times = new List<double>();
        for (int i = 0; i < 300; i++)
        {
            var clock = Stopwatch.StartNew();
            await service.GetAsync("/api/v1/models/mr/classify?text=a+warm+and+funny+film");
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        output.WriteLine($"GET classify: median {times.Order().ElementAt(150):F2} ms.");
        Assert.InRange(times.Order().ElementAt(150), 0, 5);
    }

    private static async Task UploadAsync(ServiceHost service, string name, string query, string file)
    {
        await using var stream = File.OpenRead(file);
        using var content = new StreamContent(stream);
        content.Headers.ContentType = new("text/plain");
        await service.SendAsync(HttpMethod.Post, $"/api/v1/datasets?name={name}&{query}", content, 201);
    }

    private async Task<JsonNode> TrainAsync(ServiceHost service, object request, TimeSpan limit)
    {
        string id = (string)(await service.PostAsync("/api/v1/training-jobs", request, 202))["id"]!;
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var job = await service.GetAsync($"/api/v1/training-jobs/{id}");
            string status = (string)job["status"]!;
            if (status is not ("queued" or "running"))
            {
                output.WriteLine($"{job["result"]?.ToJsonString()} after {job["progress"]!["epoch"]} epochs, {clock.Elapsed.TotalSeconds:F0} s");
                Assert.True(status == "succeeded", job.ToJsonString());
                return job;
            }

            Assert.True(clock.Elapsed < limit, $"not finished after {clock.Elapsed}: {job.ToJsonString()}");
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    private static double Loss(JsonNode job) => (double)job["result"]!["metrics"]!["validationLoss"]!;
}
