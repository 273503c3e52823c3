using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>Who watches a job through kills of the service (SIGKILL) sees each event once and in order, and nothing that was told is lost.</summary>
public sealed class EventCrashTests
{
    private const int Kills = 3;

    [Fact]
    public async Task A_reader_sees_each_event_once_across_kills_and_none_that_was_told_is_lost()
    {
        using var folder = new TemporaryFolder();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var seen = new List<StreamedEvent>();
        string? id = null;
        bool ended = false;
        for (int kill = 0; !ended; kill++)
        {
            await using var service = ServiceProcess.Start(folder.Path);
            await service.WaitUntilReadyAsync();
            id ??= await SubmitAsync(service.Client);
            using var reader = await EventReader.OpenAsync(service.Client, id, seen.LastOrDefault()?.Id, patience.Token);
            // Killed after 10, 20 and 30 events since the job was seen to begin in this process: what was told before the last kill comes first. The last time the job is seen to its end.
            int wanted = kill < Kills ? 10 + (10 * kill) : int.MaxValue, since = 0;
            while (since < wanted && !ended)
            {
                var next = await reader.NextEventOrNullAsync(patience.Token);
                Assert.True(next is not null, "The stream broke off.\n" + service.Output);
                ended = next.IsEnd;
                if (ended)
                    break;
                seen.Add(next);
                if (since > 0 || (next.Type == "status" && (string?)next.Data!["data"]!["status"] == "running"))
                    since++;
            }

            Assert.True(kill >= Kills || !ended, $"The job ended within {kill} kills: nothing was shown.");
            if (!ended)
            {
                await service.KillAsync();
                continue;
            }

            var kept = await ListAsync(service.Client, id);
            Assert.Equal(kept.Select(item => item.ToJsonString()), seen.Select(item => item.Data!.ToJsonString()));
            long[] sequences = [.. seen.Select(item => item.Id!.Value)];
            Assert.Equal(sequences.Distinct().Order(), sequences);
            var statuses = seen.Where(item => item.Type == "status").Select(item => (string)item.Data!["data"]!["status"]!).ToList();
            Assert.Equal(["queued", "running"], statuses.Take(2));
            Assert.Equal("succeeded", statuses[^1]);
            Assert.True(statuses.Count(status => status == "running") > Kills, string.Join(' ', statuses));
            // What a run does again after a kill is not told again.
            long[] steps = [.. seen.Where(item => item.Type == "metrics").Select(item => (long)item.Data!["data"]!["step"]!)];
            Assert.Equal(steps.Distinct().Order(), steps);
        }
    }

    private static async Task<string> SubmitAsync(HttpClient client)
    {
        var request = TinyJobs.LanguageModel("watched", epochs: 150);
        request["architecture"] = TinyJobs.Architecture(hidden: 64);
        request["training"]!["earlyStoppingPatience"] = 1000;
        using var response = await client.PostAsJsonAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), request);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!;
    }

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(HttpClient client, string id)
    {
        var items = new List<JsonNode>();
        for (string? after = ""; after is not null;)
        {
            var page = (await client.GetFromJsonAsync<JsonNode>(new Uri($"{TinyJobs.Jobs}/{id}/events?limit=200{after}", UriKind.Relative)))!;
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            after = (string?)page["next"] is { } next ? string.Create(CultureInfo.InvariantCulture, $"&after={next}") : null;
        }

        return items;
    }
}
