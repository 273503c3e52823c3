using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests;

/// <summary>Keeps what a service has told of its jobs' events, and holds the service that comes after it to that.</summary>
internal sealed class EventLedger
{
    private readonly Dictionary<string, List<JsonNode>> _told = [];
    private readonly HashSet<string> _new = [];
    private int _count;

    /// <summary>Events told so far, of all jobs; may be asked for while they are read.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Reads what has happened to a job since it was read last.</summary>
    public async Task ReadOnAsync(HttpClient client, string job)
    {
        if (!_told.TryGetValue(job, out var told))
            _told.Add(job, told = []);
        var more = await PageAsync(client, job, told.Count == 0 ? 0 : Sequence(told[^1]));
        if (more.Count == 0)
            return;
        told.AddRange(more);
        _new.Add(job);
        Interlocked.Add(ref _count, more.Count);
    }

    /// <summary>Each event that was told since the last time is still there, as it was told and with none between that was not; with <paramref name="all"/>, each that ever was.</summary>
    public async Task VerifyAsync(HttpClient client, bool all)
    {
        foreach (string job in all ? [.. _told.Keys] : _new.ToArray())
        {
            var told = _told[job];
            var kept = new List<JsonNode>();
            while (kept.Count < told.Count && await PageAsync(client, job, kept.Count == 0 ? 0 : Sequence(kept[^1])) is { Count: > 0 } page)
                kept.AddRange(page);
            Assert.Equal(told.Select(item => item.ToJsonString()), kept.Take(told.Count).Select(item => item.ToJsonString()));
        }

        _new.Clear();
    }

    private static long Sequence(JsonNode item) => (long)item["sequence"]!;

    private static async Task<IReadOnlyList<JsonNode>> PageAsync(HttpClient client, string job, long after)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/training-jobs/{job}/events?limit=200{(after > 0 ? $"&after={after}" : "")}");
        return [.. (await client.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!["items"]!.AsArray().Select(item => item!)];
    }
}
