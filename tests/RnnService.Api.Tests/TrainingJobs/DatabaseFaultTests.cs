using System.Text.Json.Nodes;
using RnnService.Api.Tests.Storage;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>A database that fails for a moment costs a job nothing: not what it has computed, not what it has to tell, not its end.</summary>
public sealed class DatabaseFaultTests
{
    private const string SaveProgress = "UPDATE \"TrainingJobs\" AS", SaveEvent = "INSERT INTO \"JobEvents\"", SaveResult = "\"ResultJson\" = ", SaveEnd = "\"FinishedAt\" = ";

    [Fact]
    public async Task Progress_and_events_that_were_not_taken_are_written_again()
    {
        var database = new FaultyDatabase();
        await using var host = await ServiceHost.StartAsync(services: database.AddTo);
        var whole = await host.TrainAsync(TinyJobs.Steady("whole"));
        string id = (string)(await host.SubmitAsync(TinyJobs.Steady("faulty")))["id"]!;
        await host.WaitUntilLearningAsync(id);
        database.Fail(SaveProgress, 1);
        database.Fail(SaveEvent, 2);

        var job = await host.WaitForJobAsync(id, "succeeded");
        Assert.Equal(0, database.Left);
        Assert.Equal(await host.WeightsAsync(whole), await host.WeightsAsync(job));
        var (expected, told) = (await EventsAsync(host, (string)whole["id"]!), await EventsAsync(host, id));
        Assert.Equal(ValidatedSteps(expected), ValidatedSteps(told));
        Assert.Equal(["queued", "running", "succeeded"], Statuses(told));
    }

    [Fact]
    public async Task A_job_that_has_published_its_version_succeeds_whatever_its_last_note_met()
    {
        var database = new FaultyDatabase();
        await using var host = await ServiceHost.StartAsync(services: database.AddTo);
        database.Fail(SaveResult, 1);
        var job = await host.TrainAsync(TinyJobs.LanguageModel("noted"));
        Assert.Equal(0, database.Left);
        Assert.Equal("noted:1", (string?)job["result"]!["reference"]);
        Assert.Single((await host.GetAsync("/api/v1/models/noted"))["versions"]!.AsArray());
        Assert.Equal(["queued", "running", "running", "succeeded"], Statuses(await EventsAsync(host, (string)job["id"]!)));
    }

    [Fact]
    public async Task A_job_whose_cancellation_was_not_written_goes_on_with_its_checkpoints_and_can_be_cancelled_again()
    {
        var database = new FaultyDatabase();
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Training:CheckpointSeconds"] = "0.1" }, services: database.AddTo);
        string id = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!, checkpoints = Path.Combine(host.Root, "checkpoints", id);
        await TinyJobs.UntilAsync("there is a checkpoint", () => Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.safetensors").Length > 0);
        database.Fail(SaveEnd, 1);
        await host.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null, 500);
        Assert.Equal(0, database.Left);

        await TinyJobs.UntilAsync("the job has begun again", async () => Statuses(await EventsAsync(host, id)), statuses => statuses is ["queued", "running", "running"]);
        await host.WaitUntilLearningAsync(id);
        Assert.NotEmpty(Directory.GetFiles(checkpoints));
        Assert.Equal("cancelled", (string?)(await host.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null))["status"]);
        await TinyJobs.UntilAsync("the checkpoints are gone", () => !Directory.Exists(checkpoints));
    }

    private static async Task<IReadOnlyList<JsonNode>> EventsAsync(ServiceHost host, string id)
    {
        var events = new List<JsonNode>();
        for (string? next = ""; next is not null;)
        {
            var page = await host.GetAsync($"{TinyJobs.Jobs}/{id}/events?limit=200{next}");
            events.AddRange(page["items"]!.AsArray().Select(item => item!));
            next = page["next"] is { } after ? $"&after={after}" : null;
        }

        return events;
    }

    private static long[] ValidatedSteps(IEnumerable<JsonNode> events) =>
        [.. events.Where(item => (string?)item["type"] == "metrics" && (bool)item["data"]!["validated"]!).Select(item => (long)item["data"]!["step"]!)];

    private static string[] Statuses(IEnumerable<JsonNode> events) => [.. events.Where(item => (string?)item["type"] == "status").Select(item => (string)item["data"]!["status"]!)];
}
