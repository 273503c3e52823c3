using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests;

/// <summary>
/// The service is killed (SIGKILL) at random moments while it starts, datasets are uploaded, jobs are trained, checkpoints written and versions published. After each restart what it lists
/// is whole, and everything that it ever acknowledged or told is there, events too. In the end every job has the weights of one that nothing interrupted.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _datasets = [];
    private readonly HashSet<string> _jobs = [];
    private readonly HashSet<string> _succeeded = [];
    private readonly Dictionary<string, JsonObject> _requests = [];
    private readonly HashSet<string> _seenWhole = [];
    private readonly EventLedger _events = new();
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();

    [Fact]
    public Task Five_kills_lose_nothing_and_double_nothing() => KillAsync(5, seed: 1);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Fifty_kills_lose_nothing_and_double_nothing() => KillAsync(50, seed: 2);

    public void Dispose() => _folder.Dispose();

    private async Task KillAsync(int kills, int seed)
    {
        // Test data, and the seed makes a failure repeatable as far as the machine's timing allows.
        var random = new Random(seed);
        for (var round = 0; round < kills; round++)
        {
            // Now and then, and the very first time, already while it starts.
            if (round % 5 == 0)
            {
                await using var starting = Start();
                await Task.Delay(random.Next(100, 1500));
                await starting.KillAsync();
            }

            await using var service = Start();
            await service.WaitUntilReadyAsync();
            await VerifyAsync(service);
            var work = Task.WhenAll(UploadAsync(service.Client, round), TrainAsync(service.Client, round), WatchAsync(service.Client));
            // After so many answers and a while: by the clock alone a slow machine would be killed before it has acknowledged anything.
            await WaitForAnswersAsync(work, datasets: random.Next(0, 5), jobs: random.Next(0, 5));
            await Task.Delay(random.Next(0, 1000));
            await service.KillAsync();
            await work;
            _output.AppendLine(service.Output);
        }

        await using var last = Start();
        await last.WaitUntilReadyAsync();
        await FinishAsync(last);
        _seenWhole.Clear();
        await VerifyAsync(last);
        await _events.VerifyAsync(last.Client, all: true);
        Assert.Contains("goes on from step", _output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "checkpoints")));
        Assert.True(_datasets.Count > kills && _jobs.Count > kills, $"Only {_datasets.Count} datasets and {_jobs.Count} jobs were acknowledged: nothing was shown.");
        var published = await PublishedAsync(last.Client);
        Assert.Equal(_jobs.Order(), published.Select(version => version.Job).Order());
        await CompareAsync(last, published);
        Assert.Equal(0, await last.StopAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "staging")));
    }

    /// <summary>The service, writing several checkpoints a second.</summary>
    private ServiceProcess Start() => ServiceProcess.Start(_folder.Path, "--Training:CheckpointSeconds=0.1");

    /// <summary>Waits until so many more datasets and jobs are acknowledged, and any event is told.</summary>
    private async Task WaitForAnswersAsync(Task work, int datasets, int jobs)
    {
        (int Datasets, int Jobs, int Events) Acknowledged()
        {
            lock (_gate) return (_datasets.Count, _jobs.Count, _events.Count);
        }

        var before = Acknowledged();
        var patience = TimeProvider.System.GetTimestamp();
        while (Acknowledged() is var now && (now.Datasets - before.Datasets < datasets || now.Jobs - before.Jobs < jobs || now.Events == before.Events))
        {
            Assert.False(work.IsCompleted, "The work ended before the service was killed.");
            Assert.True(TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromMinutes(1), $"Only {now.Datasets - before.Datasets} datasets and {now.Jobs - before.Jobs} jobs were acknowledged, and {now.Events - before.Events} events told, in a minute.");
            await Task.Delay(5);
        }
    }

    private async Task UploadAsync(HttpClient client, int round)
    {
        await UntilGoneAsync(async number =>
        {
            // Enough to hit every moment of an upload; more would only make the rounds after it longer.
            if (number >= 8)
            {
                await Task.Delay(100);
                await client.GetAsync(new Uri("/health/live", UriKind.Relative));
                return;
            }

            // From a few bytes to a few megabytes: kills hit all moments of an upload.
            var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10 << (number % 4 * 5)).Select(line => $"line {line} of upload {number} in round {round}\n")));
            var name = $"upload-{round}-{number}";
            using var response = await client.PostAsync(new Uri($"/api/v1/datasets?name={name}&format=lines", UriKind.Relative), new ByteArrayContent(content));
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.Created, text);
            lock (_gate) _datasets.Add(name, Convert.ToHexStringLower(SHA256.HashData(content)));
        });
    }

    private async Task TrainAsync(HttpClient client, int round)
    {
        await UntilGoneAsync(async number =>
        {
            if (number >= 4)
            {
                // The queue must also be worked off.
                await Task.Delay(100);
                await client.GetAsync(new Uri("/health/live", UriKind.Relative));
                return;
            }

            // One that outlives several kills, and short ones behind it: kills hit training, checkpoints and publishing.
            var request = number == 0 && round % 10 == 0 ? TinyJobs.Steady("steady", epochs: 250)
                : number % 2 == 0 ? TinyJobs.LanguageModel("lines", epochs: 1 + round) : TinyJobs.Classifier("opinions", epochs: 1 + round);
            using var response = await client.PostAsJsonAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.Accepted, text);
            lock (_gate)
            {
                _jobs.Add((string)JsonNode.Parse(text)!["id"]!);
                _requests[(string)JsonNode.Parse(text)!["id"]!] = request;
            }
        });
    }

    private async Task WatchAsync(HttpClient client)
    {
        await UntilGoneAsync(async _ =>
        {
            foreach (var job in await ItemsAsync(client, TinyJobs.Jobs + "?status=running")) await _events.ReadOnAsync(client, (string)job["id"]!);
            foreach (var job in await ItemsAsync(client, TinyJobs.Jobs + "?status=succeeded"))
            {
                if (_succeeded.Add((string)job["id"]!)) await _events.ReadOnAsync(client, (string)job["id"]!);
            }

            await Task.Delay(20);
        });
    }

    /// <summary>Repeats the work until the service is gone. A request without an answer was not acknowledged: nothing is demanded of it.</summary>
    private static async Task UntilGoneAsync(Func<int, Task> work)
    {
        try
        {
            for (var number = 0; ; number++) await work(number);
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or OperationCanceledException)
        {
            // Killed.
        }
    }

    private async Task VerifyAsync(ServiceProcess service)
    {
        var datasets = (await ItemsAsync(service.Client, "/api/v1/datasets")).ToDictionary(dataset => (string)dataset["name"]!, dataset => (string)dataset["sha256"]!);
        foreach (var (name, hash) in _datasets) Assert.True(datasets.TryGetValue(name, out var listed) && listed == hash, $"The dataset {name} is missing or changed.\n{service.Output}");
        // What was seen whole is read again in the end: contents never change, and reading all after each kill would take longer than all else.
        foreach (var (name, hash) in datasets.Where(dataset => _seenWhole.Add(dataset.Key))) Assert.Equal(hash, await HashAsync(service.Client, $"/api/v1/datasets/{name}/content"));

        var jobs = (await ItemsAsync(service.Client, TinyJobs.Jobs)).ToDictionary(job => (string)job["id"]!, job => (string)job["status"]!);
        foreach (var job in _jobs) Assert.True(jobs.ContainsKey(job), $"The job {job} is missing.\n{service.Output}");
        Assert.All(jobs, job => Assert.Contains(job.Value, new[] { "queued", "running", "succeeded" }));
        await _events.VerifyAsync(service.Client, all: false);
        // A job whose answer the kill cut off may exist as well; from here on it counts.
        _jobs.UnionWith(jobs.Keys);

        var published = (await PublishedAsync(service.Client)).Select(version => version.Job).ToList();
        Assert.Equal(published.Count, published.Distinct().Count());
        Assert.All(_succeeded, job => Assert.Contains(job, published));
        Assert.All(jobs.Where(job => job.Value == "succeeded"), job => Assert.Contains(job.Key, published));
    }

    /// <summary>Trains once more what was asked for, without a kill: the weights are the same.</summary>
    private async Task CompareAsync(ServiceProcess service, IReadOnlyList<(string Job, string Weights)> published)
    {
        var weights = published.ToDictionary(version => version.Job, version => version.Weights);
        var kinds = _requests.GroupBy(request => request.Value.ToJsonString(), request => request.Key).ToList();
        var references = new Dictionary<string, string>();
        foreach (var kind in kinds)
        {
            var request = JsonNode.Parse(kind.Key)!;
            request["model"] = $"reference-{request["task"]}".ToLowerInvariant();
            using var response = await service.Client.PostAsJsonAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), request);
            references.Add((string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!, kind.Key);
        }

        await FinishAsync(service);
        var trained = (await PublishedAsync(service.Client)).ToDictionary(version => version.Job, version => version.Weights);
        foreach (var (reference, kind) in references)
            Assert.All(kinds.Single(other => other.Key == kind), job => Assert.Equal(trained[reference], weights[job]));
    }

    /// <summary>The jobs of all versions, each of which must be whole, and the hashes of their weights.</summary>
    private async Task<IReadOnlyList<(string Job, string Weights)>> PublishedAsync(HttpClient client)
    {
        var jobs = new List<(string Job, string Weights)>();
        foreach (var model in await ItemsAsync(client, "/api/v1/models"))
        {
            var versions = model["versions"]!.AsArray();
            Assert.Equal(versions.Max(version => (int)version!["version"]!), (int)model["aliases"]!["latest"]!);
            foreach (var version in versions)
            {
                Assert.Equal("ready", (string?)version!["status"]);
                var path = $"/api/v1/models/{model["name"]}/versions/{version["version"]}";
                var manifest = (await client.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!;
                jobs.Add(((string)version["jobId"]!, (string)manifest["files"]!.AsArray().Single(file => (string?)file!["name"] == "weights.safetensors")!["sha256"]!));
                if (!_seenWhole.Add(path)) continue;
                foreach (var file in manifest["files"]!.AsArray()) Assert.Equal((string?)file!["sha256"], await HashAsync(client, $"{path}/files/{file["name"]}"));
            }
        }

        return jobs;
    }

    private static async Task FinishAsync(ServiceProcess service)
    {
        var patience = TimeProvider.System.GetTimestamp();
        while ((await ItemsAsync(service.Client, TinyJobs.Jobs)).Any(job => (string?)job["status"] is "queued" or "running"))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromMinutes(3), "The jobs do not end.\n" + service.Output);
            await Task.Delay(100);
        }
    }

    private static async Task<IReadOnlyList<JsonNode>> ItemsAsync(HttpClient client, string path)
    {
        var items = new List<JsonNode>();
        for (string? after = ""; after is not null;)
        {
            var page = (await client.GetFromJsonAsync<JsonNode>(new Uri($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200{after}", UriKind.Relative)))!;
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            after = (string?)page["next"] is { } next ? "&after=" + next : null;
        }

        return items;
    }

    private static async Task<string> HashAsync(HttpClient client, string path) =>
        Convert.ToHexStringLower(SHA256.HashData(await client.GetByteArrayAsync(new Uri(path, UriKind.Relative))));
}
