using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class JobEventTests
{
    [Fact]
    public async Task Every_change_of_status_is_an_event()
    {
        await using var host = await ServiceHost.StartAsync();
        var done = await host.TrainAsync(TinyJobs.LanguageModel("names"));
        var statuses = await StatusesAsync(host, (string)done["id"]!);
        Assert.Equal(["queued", "running", "succeeded"], statuses.Select(data => (string)data["status"]!));
        Assert.Equal(done["result"]!.ToJsonString(), statuses[^1]["result"]!.ToJsonString());

        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        var doomed = TinyJobs.LanguageModel("later");
        doomed["dataset"] = new JsonObject { ["text"] = TinyJobs.Text() };
        var failing = await host.SubmitAsync(doomed);
        Directory.Delete(Path.Combine(host.Root, "datasets", (string)failing["dataset"]!["sha256"]!), recursive: true);
        await host.WaitUntilLearningAsync(running);
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/cancel", null);
        Assert.Equal(["queued", "running", "cancelled"], (await StatusesAsync(host, running)).Select(data => (string)data["status"]!));

        await host.WaitForJobAsync((string)failing["id"]!, "failed");
        var failure = (await ListAsync(host, (string)failing["id"]!))[^1];
        Assert.Equal("error", (string?)failure["level"]);
        Assert.Equal("failed", (string?)failure["data"]!["status"]);
        Assert.Equal("/problems/data-gone", (string?)failure["data"]!["error"]!["type"]);
    }

    [Fact]
    public async Task Events_are_listed_oldest_first_in_pages_and_go_with_their_job()
    {
        await using var host = await ServiceHost.StartAsync();
        string id = (string)(await host.TrainAsync(TinyJobs.LanguageModel("names", epochs: 5)))["id"]!;
        var whole = await ListAsync(host, id);
        long[] sequences = [.. whole.Select(item => (long)item["sequence"]!)];
        Assert.Equal(sequences.Order(), sequences);

        var paged = new List<long>();
        for (string? after = ""; after is not null;)
        {
            var page = await host.GetAsync($"{TinyJobs.Jobs}/{id}/events?limit=2{after}");
            Assert.InRange(page["items"]!.AsArray().Count, 1, 2);
            paged.AddRange(page["items"]!.AsArray().Select(item => (long)item!["sequence"]!));
            after = (string?)page["next"] is { } next ? "&after=" + next : null;
        }

        Assert.Equal(sequences, paged);
        Assert.Equal(sequences[1..], (await host.GetAsync($"{TinyJobs.Jobs}/{id}/events?after={sequences[0]}&limit=200"))["items"]!.AsArray().Select(item => (long)item!["sequence"]!));

        await host.DeleteAsync($"{TinyJobs.Jobs}/{id}");
        await host.GetAsync($"{TinyJobs.Jobs}/{id}/events", 404);
        // Numbers are not given twice, so that a cursor never means another event.
        string next2 = (string)(await host.TrainAsync(TinyJobs.LanguageModel("names")))["id"]!;
        Assert.True((long)(await ListAsync(host, next2))[0]["sequence"]! > sequences[^1]);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused()
    {
        await using var host = await ServiceHost.StartAsync();
        string id = (string)(await host.TrainAsync(TinyJobs.LanguageModel()))["id"]!;
        var errors = ServiceHost.Errors(await host.GetAsync($"{TinyJobs.Jobs}/{id}/events?after=-1&limit=201&colour=red", 400));
        Assert.Equal(["after", "colour", "limit"], errors.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("after", ServiceHost.Errors(await host.GetAsync($"{TinyJobs.Jobs}/{id}/events?after=abc", 400)).Keys);
        using var limited = await EventReader.SendAsync(host.Client, $"{TinyJobs.Jobs}/{id}/events?limit=2", null);
        Assert.Equal(HttpStatusCode.BadRequest, limited.StatusCode);
        using var unknown = await EventReader.SendAsync(host.Client, $"{TinyJobs.Jobs}/nobody/events", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var negative = await EventReader.SendAsync(host.Client, $"{TinyJobs.Jobs}/{id}/events", -4);
        Assert.Equal(HttpStatusCode.BadRequest, negative.StatusCode);
        Assert.Contains("Last-Event-ID", await negative.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_tells_what_is_listed_and_ends_with_the_job()
    {
        await using var host = await ServiceHost.StartAsync();
        string id = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("names", epochs: 20)))["id"]!;
        using var reader = await EventReader.OpenAsync(host.Client, id);
        var streamed = await reader.ToEndAsync();
        Assert.True(streamed[^1].IsEnd);
        Assert.Null(streamed[^1].Id);
        Assert.Equal("succeeded", (string?)streamed[^1].Data!["status"]);
        var listed = await ListAsync(host, id);
        Assert.Equal(listed.Select(item => item.ToJsonString()), streamed.SkipLast(1).Select(item => item.Data!.ToJsonString()));
        Assert.All(streamed.SkipLast(1), item => Assert.Equal(((long)item.Data!["sequence"]!, (string)item.Data["type"]!), (item.Id!.Value, item.Type!)));

        using var late = await EventReader.OpenAsync(host.Client, id, streamed[^2].Id);
        Assert.True(Assert.Single(await late.ToEndAsync()).IsEnd);
    }

    [Fact]
    public async Task A_reader_who_comes_back_twenty_times_sees_each_event_once_in_order()
    {
        await using var host = await ServiceHost.StartAsync();
        string id = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("busy", epochs: 60)))["id"]!;
        var seen = new List<long>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        bool ended = false;
        for (int connection = 0; !ended; connection++)
        {
            using var reader = await EventReader.OpenAsync(host.Client, id, seen.Count > 0 ? seen[^1] : null, patience.Token);
            // The last connection reads to the end; those before it are cut after one to three events.
            for (int left = connection < 20 ? 1 + (connection % 3) : int.MaxValue; left > 0 && !ended; left--)
            {
                var next = await reader.NextEventOrNullAsync(patience.Token);
                Assert.NotNull(next);
                ended = next.IsEnd;
                if (!ended)
                    seen.Add(next.Id!.Value);
            }

            Assert.True(connection >= 20 || !ended, $"The job ended within {connection} connections: nothing was shown.");
        }

        Assert.Equal((await ListAsync(host, id)).Select(item => (long)item["sequence"]!), seen);
    }

    [Fact]
    public async Task A_reader_who_takes_nothing_until_the_job_has_ended_has_missed_nothing()
    {
        await using var host = await ServiceHost.StartAsync();
        string blocker = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!, id = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("names", epochs: 60)))["id"]!;
        using var reader = await EventReader.OpenAsync(host.Client, id);
        await host.PostAsync($"{TinyJobs.Jobs}/{blocker}/cancel", null);
        await host.WaitForJobAsync(id, "succeeded");
        var streamed = await reader.ToEndAsync();
        Assert.True(streamed.Count > 60);
        Assert.Equal((await ListAsync(host, id)).Select(item => (long?)item["sequence"]), streamed.SkipLast(1).Select(item => item.Id));
    }

    [Fact]
    public async Task A_silent_stream_gives_signs_of_life_and_too_many_streams_are_refused_until_one_goes()
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Events:MaxStreams"] = "2", ["Events:HeartbeatMilliseconds"] = "50" });
        await host.SubmitAsync(TinyJobs.Endless());
        string waiting = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var first = await EventReader.OpenAsync(host.Client, waiting, cancellationToken: patience.Token);
        Assert.Equal("queued", (string?)(await first.NextEventOrNullAsync(patience.Token))!.Data!["data"]!["status"]);
        for (int sign = 0; sign < 3; sign++)
            Assert.NotNull((await first.NextOrNullAsync(patience.Token))!.Comment);

        var second = await EventReader.OpenAsync(host.Client, waiting, cancellationToken: patience.Token);
        using (var refused = await EventReader.SendAsync(host.Client, $"{TinyJobs.Jobs}/{waiting}/events", null))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        // Lists are no streams.
        Assert.Single(await ListAsync(host, waiting));
        second.Dispose();
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            using var third = await EventReader.SendAsync(host.Client, $"{TinyJobs.Jobs}/{waiting}/events", null);
            if (third.StatusCode == HttpStatusCode.OK)
                break;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "The place of a reader who went is not free again.");
        }
    }

    [Fact]
    public async Task A_stopping_service_does_not_wait_for_its_streams()
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path);
        await service.WaitUntilReadyAsync();
        using var posted = await service.Client.PostAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), new StringContent(TinyJobs.Endless().ToJsonString(), null, "application/json"));
        string id = (string)JsonNode.Parse(await posted.Content.ReadAsStringAsync())!["id"]!;
        using var reader = await EventReader.OpenAsync(service.Client, id);
        Assert.NotNull(await reader.NextEventOrNullAsync());
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await service.StopAsync());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"Stopping took {watch.Elapsed}.");
        while (await reader.NextEventOrNullAsync() is { } next)
            Assert.False(next.IsEnd);
    }

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(ServiceHost host, string id) =>
        [.. (await host.GetAsync($"{TinyJobs.Jobs}/{id}/events?limit=200"))["items"]!.AsArray().Select(item => item!)];

    private static async Task<IReadOnlyList<JsonNode>> StatusesAsync(ServiceHost host, string id) =>
        [.. (await ListAsync(host, id)).Where(item => (string?)item["type"] == "status").Select(item => item["data"]!)];
}
