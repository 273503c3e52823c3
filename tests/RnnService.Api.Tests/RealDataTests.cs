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
        await service.UploadAsync("dinos", "format=lines", file);
        var job = await service.TrainAsync(output, new { model = "dinos", task = "languageModel", dataset = new { name = "dinos" } }, TimeSpan.FromMinutes(2));

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
        await service.UploadAsync("shakespeare", "format=text", Path.Combine(RealDataFactAttribute.Folder!, "tinyshakespeare", "input.txt"));
        var job = await service.TrainAsync(
            output,
            new { model = "shakespeare", task = "languageModel", dataset = new { name = "shakespeare" }, architecture = new { layers = 1, hiddenSize = 128 }, training = new { maxSeconds = 360 } },
            TimeSpan.FromMinutes(8));
        Assert.InRange(Loss(job), 1.3, 1.62);
    }

    [RealDataFact]
    public async Task Film_reviews_are_classified_in_milliseconds()
    {
        await using var service = await ServiceHost.StartAsync();
        await service.UploadAsync("mr", "format=tsv", Path.Combine(RealDataFactAttribute.Folder!, "mr", "mr.train.tsv"));
        await service.TrainAsync(output, new { model = "mr", task = "classification", dataset = new { name = "mr" } }, TimeSpan.FromMinutes(5));

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

    private static double Loss(JsonNode job) => (double)job["result"]!["metrics"]!["validationLoss"]!;
}
