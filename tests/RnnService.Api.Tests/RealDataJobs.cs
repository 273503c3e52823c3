using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace RnnService.Api.Tests;

/// <summary>Uploads, trainings and measurements of the tests on real data.</summary>
internal static class RealDataJobs
{
    /// <summary>Uploads a file as a dataset.</summary>
    public static async Task UploadAsync(this ServiceHost service, string name, string query, string file)
    {
        await using var stream = File.OpenRead(file);
        using var content = new StreamContent(stream);
        content.Headers.ContentType = new("text/plain");
        await service.SendAsync(HttpMethod.Post, $"/api/v1/datasets?name={name}&{query}", content, 201);
    }

    /// <summary>Trains to the end, which must be a success within the limit; the job.</summary>
    public static async Task<JsonNode> TrainAsync(this ServiceHost service, ITestOutputHelper output, object request, TimeSpan limit)
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

    /// <summary>The share of texts that a model gives the label they carry.</summary>
    public static async Task<double> AccuracyAsync(this ServiceHost service, string model, IReadOnlyList<(string Text, string Label)> rows)
    {
        int right = 0;
        foreach (var part in rows.Chunk(200))
        {
            var results = (await service.PostAsync($"/api/v1/models/{model}/classify", new { texts = part.Select(row => row.Text) }))["results"]!.AsArray();
            right += results.Zip(part).Count(pair => (string)pair.First!["label"]! == pair.Second.Label);
        }

        return (double)right / rows.Count;
    }
}
