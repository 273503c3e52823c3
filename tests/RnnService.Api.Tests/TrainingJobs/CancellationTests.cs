using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>A job that is cancelled in the midst of an epoch leaves nothing of what it took.</summary>
public sealed class CancellationTests(ITestOutputHelper output)
{
    private const int Mebibyte = 1024; // in KiB

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_job_that_is_cancelled_in_mid_epoch_gives_back_its_threads_and_its_memory()
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path, "--Training:Threads=2", "--Inference:Threads=1"); // no team of its own for inference
        await service.WaitUntilReadyAsync();
        // What any first job loads is not what this one takes.
        string warm = await SubmitAsync(TinyJobs.LanguageModel("warm"));
        await WaitAsync(warm, job => (string?)job["status"] == "succeeded");
        long idle = service.ResidentKilobytes();

        string id = await SubmitAsync(Large());
        await WaitAsync(id, job => (long)job["progress"]!["step"]! > 1);
        long training = service.ResidentKilobytes();
        Assert.True(training - idle > 100 * Mebibyte, $"Training takes {(training - idle) / Mebibyte} MiB: too little to show anything.");
        Assert.Equal(2, service.TrainingThreads());

        var watch = Stopwatch.StartNew();
        using (var answer = await service.Client.PostAsync(new Uri($"{TinyJobs.Jobs}/{id}/cancel", UriKind.Relative), null))
            Assert.Equal("cancelled", (string?)(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!["status"]);
        double seconds = watch.Elapsed.TotalSeconds;
        // The step under way is done to its end, and what it took given back after that.
        long after;
        while (((after = service.ResidentKilobytes()) - idle > (training - idle) / 5 || service.TrainingThreads() > 0) && watch.Elapsed < TimeSpan.FromSeconds(30))
            await Task.Delay(50);
        output.WriteLine($"Idle {idle / Mebibyte} MiB, training {training / Mebibyte} MiB; cancelled after {seconds:F2} s, {after / Mebibyte} MiB after {watch.Elapsed.TotalSeconds:F2} s");
        Assert.Equal(0, service.TrainingThreads());
        Assert.True(after - idle <= (training - idle) / 5, $"Of {(training - idle) / Mebibyte} MiB, {(after - idle) / Mebibyte} are still held.");

        async Task<string> SubmitAsync(JsonNode request)
        {
            using var created = await service.Client.PostAsJsonAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), request);
            return (string)(await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        }

        async Task WaitAsync(string job, Predicate<JsonNode> until)
        {
            var patience = Stopwatch.StartNew();
            while (!until((await service.Client.GetFromJsonAsync<JsonNode>(new Uri($"{TinyJobs.Jobs}/{job}", UriKind.Relative)))!))
            {
                Assert.True(patience.Elapsed < TimeSpan.FromMinutes(1), service.Output);
                await Task.Delay(20);
            }
        }
    }

    /// <summary>A job of large batches, whose steps are long and whose activations take the memory.</summary>
    private static JsonObject Large()
    {
        var job = TinyJobs.LanguageModel("large", epochs: 1000);
        job["dataset"] = new JsonObject { ["text"] = string.Concat(Enumerable.Repeat(TinyJobs.Text(), 60)) };
        job["architecture"] = new JsonObject { ["hiddenSize"] = 256, ["layers"] = 2, ["dropout"] = 0 };
        job["training"] = new JsonObject { ["epochs"] = 1000, ["batchSize"] = 32, ["sequenceLength"] = 256, ["seed"] = 1, ["earlyStoppingPatience"] = 1000 };
        return job;
    }
}
