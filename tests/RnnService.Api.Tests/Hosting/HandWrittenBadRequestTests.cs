using System.Text;
using System.Text.Json.Nodes;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Hosting;

/// <summary>Bad requests written by hand against a service that has models: each gets the status that the contract says, and every problem of it is named, no more and no less.</summary>
public sealed class HandWrittenBadRequestTests
{
    private const string Long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; // 65

    /// <summary>Method and path below /api/v1, body, status, and the paths of all problems (none where the problem is not about a member).</summary>
    private static readonly (string Request, string? Body, int Status, string[] Paths)[] s_requests =
    [
        // Lists and their queries.
        ("GET models?limit=0", null, 400, ["limit"]),
        ("GET models?limit=201", null, 400, ["limit"]),
        ("GET models?limit=-1", null, 400, ["limit"]),
        ("GET models?limit=1e1", null, 400, ["limit"]),
        ("GET models?limit=", null, 400, ["limit"]),
        ("GET models?limit=5&limit=5", null, 400, ["limit"]),
        ("GET models?after=abc", null, 400, ["after"]),
        ("GET models?after=", null, 400, ["after"]),
        ("GET models?Limit=5", null, 400, ["Limit"]),
        ("GET models?limit=0&after=x&page=2", null, 400, ["after", "limit", "page"]),
        ("GET datasets?sort=name", null, 400, ["sort"]),
        ("GET datasets?limit=9999999999999999999999", null, 400, ["limit"]),
        ("GET training-jobs?status=Running", null, 400, ["status"]),
        ("GET training-jobs?status=1", null, 400, ["status"]),
        ("GET training-jobs?model=A", null, 400, ["model"]),
        ("GET training-jobs?model=&status=&limit=x", null, 400, ["limit", "model", "status"]),
        ("GET training-jobs?after=MTpuYW1lcw", null, 400, ["after"]),
        ("GET training-jobs?limit=%ff", null, 400, ["limit"]),
        ("GET training-jobs?model=%zz", null, 400, ["model"]),

        // Addresses.
        ("GET models/Names", null, 400, ["name"]),
        ("GET models/" + Long, null, 400, ["name"]),
        ("GET models/-names", null, 400, ["name"]),
        ("GET models/nothing", null, 404, []),
        ("GET models/names?verbose=true", null, 400, ["verbose"]),
        ("GET models/names/versions/0", null, 400, ["version"]),
        ("GET models/names/versions/-1", null, 400, ["version"]),
        ("GET models/names/versions/01", null, 400, ["version"]),
        ("GET models/names/versions/1.0", null, 400, ["version"]),
        ("GET models/names/versions/99999999999", null, 400, ["version"]),
        ("GET models/NAMES/versions/x", null, 400, ["name", "version"]),
        ("GET models/names/versions/2", null, 404, []),
        ("GET models/names/versions/1/files/weights.bin", null, 404, []),
        ("GET models/names/versions/2/report", null, 404, []),
        ("GET models/names/versions/1/report?format=html", null, 400, ["format"]),
        ("DELETE models/names/versions/2", null, 404, []),
        ("DELETE models/nothing", null, 404, []),
        ("DELETE models/names?force=true", null, 400, ["force"]),
        ("POST models", "{}", 405, []),
        ("PUT models/names", "{}", 405, []),
        ("PATCH models/names", "{}", 400, ["$"]),
        ("GET nothing", null, 404, []),
        ("GET datasets/Dinosaurs", null, 400, ["name"]),
        ("GET datasets/nothing", null, 404, []),
        ("GET datasets/nothing/content", null, 404, []),
        ("DELETE datasets/dinosaurs", null, 409, []),
        ("DELETE datasets/nothing", null, 404, []),
        ("GET training-jobs/nothing", null, 404, []),
        ("POST training-jobs/nothing/cancel", null, 404, []),
        ("POST training-jobs/nothing/cancel", """{ "now": true }""", 400, ["$"]),
        ("DELETE training-jobs/nothing", null, 404, []),

        // Aliases.
        ("PUT models/names/aliases/latest", """{ "version": 1 }""", 400, ["alias"]),
        ("PUT models/names/aliases/job-1", """{ "version": 1 }""", 400, ["alias"]),
        ("PUT models/NAMES/aliases/Production", """{ "version": 1 }""", 400, ["alias", "name"]),
        ("PUT models/names/aliases/production", """{ "version": 0 }""", 400, ["version"]),
        ("PUT models/names/aliases/production", """{ "version": "1" }""", 400, ["version"]),
        ("PUT models/names/aliases/production", """{ "version": 1.5, "note": "x" }""", 400, ["note", "version"]),
        ("PUT models/names/aliases/production", """{ "version": null }""", 400, ["version"]),
        ("PUT models/names/aliases/production", "{}", 400, ["version"]),
        ("PUT models/names/aliases/production", "1", 400, ["$"]),
        ("PUT models/names/aliases/production", """{ "version": 7 }""", 404, ["version"]),
        ("PUT models/nothing/aliases/production", """{ "version": 1 }""", 404, []),
        ("DELETE models/names/aliases/production", null, 404, []),
        ("DELETE models/names/aliases/latest", null, 400, ["alias"]),

        // Sampling.
        ("GET models/names/sample?n=0", null, 400, ["n"]),
        ("GET models/names/sample?n=257", null, 400, ["n"]),
        ("GET models/names/sample?maxTokens=100001", null, 400, ["maxTokens"]),
        ("GET models/names/sample?temperature=5.0001", null, 400, ["temperature"]),
        ("GET models/names/sample?temperature=-0.1", null, 400, ["temperature"]),
        ("GET models/names/sample?temperature=Infinity", null, 400, ["temperature"]),
        ("GET models/names/sample?topK=0&topP=0&minP=1.1&typicalP=0", null, 400, ["minP", "topK", "topP", "typicalP"]),
        ("GET models/names/sample?repetitionPenalty=0", null, 400, ["repetitionPenalty"]),
        ("GET models/names/sample?repetitionPenalty=10.1", null, 400, ["repetitionPenalty"]),
        ("GET models/names/sample?seed=9007199254740992", null, 400, ["seed"]),
        ("GET models/names/sample?seed=-1", null, 400, ["seed"]),
        ("GET models/names/sample?logProbabilities=21", null, 400, ["logProbabilities"]),
        ("GET models/names/sample?logProbabilities=1&n=200&maxTokens=501", null, 400, ["logProbabilities"]),
        ("GET models/names/sample?stop=", null, 400, ["stop[0]"]),
        ("GET models/names/sample?prompt=%e2%82", null, 400, ["prompt"]),
        ("GET models/names/sample?max_tokens=5&top_p=0.5", null, 400, ["max_tokens", "top_p"]),
        ("GET models/names/sample?stream=true", null, 400, ["stream"]),
        ("GET models/names:2/sample", null, 404, []),
        ("GET models/names@production/sample", null, 404, []),
        ("GET models/names:/sample", null, 400, ["ref"]),
        ("GET models/names@A/sample", null, 400, ["ref"]),
        ("GET models/names:1:1/sample", null, 400, ["ref"]),
        ("GET models/moods/sample", null, 409, []),
        ("POST models/names/sample", """{ "prompt": 5, "maxTokens": "5", "temperature": true, "topK": 1.5, "stop": "a", "n": [], "seed": {} }""", 400, ["maxTokens", "n", "prompt", "seed", "stop", "temperature", "topK"]),
        ("POST models/names/sample", """{ "stop": ["a", "", 5, null, "\ud800"] }""", 400, ["stop[1]", "stop[2]", "stop[3]", "stop[4]"]),
        ("POST models/names/sample", """{ "stop": ["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"] }""", 400, ["stop"]),
        ("POST models/names/sample", """{ "n": 1, "n": 2 }""", 400, ["n"]),
        ("POST models/names/sample", """{ "N": 1 }""", 400, ["N"]),
        ("POST models/names/sample", """{ "prompt": "\udc00" }""", 400, ["prompt"]),
        ("POST models/names/sample?n=1", "{}", 400, ["n"]),
        ("POST models/names/sample", "", 400, ["$"]),
        ("POST models/names/sample", "null", 400, ["$"]),
        ("POST models/names/sample", "[]", 400, ["$"]),
        ("POST models/names/sample", "\"a\"", 400, ["$"]),
        ("POST models/names/sample", "{", 400, ["$"]),
        ("POST models/names/sample", "{} {}", 400, ["$"]),
        ("POST models/names/sample", """{ "n": 1, }""", 400, ["$"]),
        ("POST models/names/sample", """{ /* one */ "n": 1 }""", 400, ["$"]),
        ("POST models/names/sample", """{ "temperature": NaN }""", 400, ["$"]),
        ("POST models/names/sample", """{ "temperature": 01 }""", 400, ["$"]),
        ("POST models/names/sample", """{ 'n': 1 }""", 400, ["$"]),

        // Classifying, scoring, measuring.
        ("GET models/moods/classify", null, 400, ["text"]),
        ("GET models/moods/classify?text=", null, 400, ["text"]),
        ("GET models/moods/classify?text=a&text=b", null, 400, ["text"]),
        ("GET models/moods/classify?texts=a", null, 400, ["text", "texts"]),
        ("GET models/names/classify?text=a", null, 409, []),
        ("POST models/moods/classify", """{ "texts": [] }""", 400, ["texts"]),
        ("POST models/moods/classify", """{ "texts": "a" }""", 400, ["texts"]),
        ("POST models/moods/classify", """{ "text": "a" }""", 400, ["text", "texts"]),
        ("POST models/moods/classify", """{ "texts": ["a", "", 1, ["b"], {}] }""", 400, ["texts[1]", "texts[2]", "texts[3]", "texts[4]"]),
        ("POST models/nothing/classify", """{ "texts": ["a"] }""", 404, []),
        ("POST models/names/classify", """{ "texts": ["a"] }""", 409, []),
        ("POST models/names/score", """{ "texts": [""] }""", 400, ["texts[0]"]),
        ("POST models/names/score", """{ "texts": null, "top": 5 }""", 400, ["texts", "top"]),
        ("POST models/moods/score", """{ "texts": ["a"] }""", 409, []),
        ("POST models/names/evaluate", "{}", 400, ["dataset"]),
        ("POST models/names/evaluate", """{ "dataset": {} }""", 400, ["dataset"]),
        ("POST models/names/evaluate", """{ "dataset": { "name": "a", "lines": ["b"] } }""", 400, ["dataset"]),
        ("POST models/names/evaluate", """{ "dataset": { "lines": [] }, "metrics": ["bleu"] }""", 400, ["dataset.lines", "metrics"]),
        ("POST models/names/evaluate", """{ "dataset": { "examples": [{ "text": 1 }] } }""", 400, ["dataset.examples[0].label", "dataset.examples[0].text"]),
        ("POST models/names/evaluate", """{ "dataset": { "name": "nothing" } }""", 404, ["dataset.name"]),
        ("POST models/names/evaluate", """{ "dataset": { "name": "opinions" } }""", 422, []),
        ("POST models/names/evaluate", """{ "dataset": { "lines": [" "] } }""", 422, []),
        ("POST models/moods/evaluate", """{ "dataset": { "lines": ["a"] } }""", 422, []),
        ("POST models/moods/evaluate", """{ "dataset": { "examples": [{ "text": "a", "label": "unheard of" }] } }""", 422, []),

        // Jobs: what only the members together make wrong. Member by member: JobRequestTests.
        ("POST training-jobs", """{ "model": "m" }""", 400, ["dataset", "task"]),
        ("POST training-jobs", """{ "model": "moods", "task": "languageModel", "dataset": { "name": "dinosaurs" } }""", 409, []),
        ("POST training-jobs", """{ "model": "m", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "architecture": { "bidirectional": true, "pooling": "max" } }""", 400, ["architecture.bidirectional", "architecture.pooling"]),
        ("POST training-jobs", """{ "model": "m", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "validation": {} }""", 400, ["validation"]),
        ("POST training-jobs", """{ "model": "m", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "validation": { "dataset": {} } }""", 400, ["validation.dataset"]),
        ("POST training-jobs", $$"""{ "model": "m", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "tags": { "{{Long}}": "x", "": "y" } }""", 400, ["tags.", "tags." + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."]),
        ("POST training-jobs", """{ "model": "m", "task": "languageModel", "dataset": { "text": "abc" }, "validation": { "dataset": { "lines": ["a"] } } }""", 422, []),
    ];

    [Fact]
    public async Task Each_gets_its_status_and_all_its_problems_are_named()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        await host.TrainAsync(TinyJobs.Classifier("moods"));
        var wrong = new List<string>();
        foreach (var (line, body, status, paths) in s_requests)
        {
            string[] parts = line.Split(' ', 2);
            using var request = new HttpRequestMessage(new HttpMethod(parts[0]), new Uri("/api/v1/" + parts[1], UriKind.Relative));
            if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await host.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonNode.Parse(text)! : new JsonObject();
            var named = problem["errors"] is null ? [] : ServiceHost.Errors(problem).Keys.Order(StringComparer.Ordinal).ToArray();
            var complete = new[] { "type", "title", "status", "detail", "instance", "traceId" }.All(member => problem[member] is not null);
            if ((int)response.StatusCode != status || !complete || !named.SequenceEqual(paths)) wrong.Add($"{line} {body}: {text} ({(int)response.StatusCode})");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(s_requests.Length >= 100, $"Only {s_requests.Length} requests were sent.");
        // And none of them did anything.
        Assert.Equal(2, (await host.GetAsync("/api/v1/models"))["items"]!.AsArray().Count);
        Assert.Equal(2, (await host.GetAsync("/api/v1/training-jobs"))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_range_outside_of_a_file_is_a_problem_too()
    {
        await using var host = await ServiceHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/datasets/dinosaurs/content", UriKind.Relative));
        request.Headers.Range = new(99_999_999, null);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(416, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(response.Content.Headers.ContentRange?.Length);
        Assert.Equal("/problems/range-not-satisfiable", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["type"]);
    }

    [Fact]
    public async Task The_limits_of_all_ranges_of_sampling_are_accepted()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        foreach (string query in new[]
        {
            "n=1&maxTokens=1&temperature=0&topK=1&topP=1e-300&minP=0&typicalP=1e-300&repetitionPenalty=0.001&seed=0&logProbabilities=0",
            "n=256&maxTokens=2&temperature=5&topK=100000&topP=1&minP=1&typicalP=1&repetitionPenalty=10&seed=9007199254740991&logProbabilities=20",
            "maxTokens=100000&seed=1&stop=" + new string('s', 256),
        })
        {
            Assert.NotEmpty((await host.GetAsync("/api/v1/models/names/sample?" + query))["samples"]!.AsArray());
        }

        string text = new('a', 1 << 20);
        Assert.Single((await host.PostAsync("/api/v1/models/names/sample", new JsonObject { ["prompt"] = text, ["maxTokens"] = 1 }))["samples"]!.AsArray());
        Assert.Equal(["prompt"], ServiceHost.Errors(await host.PostAsync("/api/v1/models/names/sample", new JsonObject { ["prompt"] = text + "a" }, 400)).Keys);
    }
}
