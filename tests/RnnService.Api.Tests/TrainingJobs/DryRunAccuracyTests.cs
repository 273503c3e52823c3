using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>What dry runs foretell against what the jobs took, each in a process of its own. Times want a machine that does nothing else.</summary>
[Trait("Category", "Slow")]
public sealed class DryRunAccuracyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("names")]
    [InlineData("text")]
    [InlineData("opinions")]
    [InlineData("gru")]
    [InlineData("words")]
    [InlineData("wide")]
    public async Task A_dry_run_foretells_the_time_within_2x_and_the_peak_memory_within_20_percent(string name)
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path, "--Logging:LogLevel:Default=Warning");
        await service.WaitUntilReadyAsync();
        var request = DryRunJobs.Of(name);
        request["dryRun"] = true;
        long idle = 1024 * service.ResidentKilobytes();
        var clock = Stopwatch.StartNew();
        var estimate = (await PostAsync(service.Client, request, 200))["estimate"]!;
        double answered = clock.Elapsed.TotalSeconds;
        long after = 1024 * service.ResidentKilobytes();
        service.ResetPeak(); // the peak from here on is that of the job, not that of the dry run

        request["dryRun"] = false;
        string id = (string)(await PostAsync(service.Client, request, 202))["id"]!;
        var job = await WaitAsync(service.Client, id);
        double seconds = ((DateTimeOffset)job["finishedAt"]! - (DateTimeOffset)job["startedAt"]!).TotalSeconds, told = (double)estimate["secondsAtMost"]!;
        long peak = 1024 * service.PeakKilobytes(), foretold = (long)estimate["memoryBytes"]!;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {told:F2} s foretold, {seconds:F2} s taken, ratio {told / seconds:F2}; {foretold >> 20} MiB foretold, {peak >> 20} MiB at the peak, ratio {(double)foretold / peak:F2} (idle {idle >> 20}, after the dry run {after >> 20}, job {(long)job["resolved"]!["memoryBytes"]! >> 20}); answered in {answered:F1} s; {estimate.ToJsonString()}"));

        Assert.Equal((int)request["training"]!["epochs"]!, (int)job["progress"]!["epoch"]!);
        Assert.InRange(told / seconds, 0.5, 2);
        Assert.InRange((double)foretold / peak, 0.8, 1.2);
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, JsonNode request, int status)
    {
        using var response = await client.PostAsJsonAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<JsonNode> WaitAsync(HttpClient client, string id)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var job = JsonNode.Parse(await client.GetStringAsync(new Uri($"{TinyJobs.Jobs}/{id}", UriKind.Relative)))!;
            string status = (string)job["status"]!;
            if (status == "succeeded")
                return job;
            Assert.True(status is "queued" or "running" && clock.Elapsed < TimeSpan.FromMinutes(10), job.ToJsonString());
            await Task.Delay(100);
        }
    }
}
