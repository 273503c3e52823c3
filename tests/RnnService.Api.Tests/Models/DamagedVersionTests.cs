using System.Text.Json.Nodes;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Models;

public sealed class DamagedVersionTests(DamagedVersionTests.TwoVersions trained) : IClassFixture<DamagedVersionTests.TwoVersions>
{
    private const string Models = "/api/v1/models";

    /// <summary>A file, and what happens to it.</summary>
    public static TheoryData<string, string> Damages => new()
    {
        { "weights.safetensors", "flip" },
        { "weights.safetensors", "truncate" },
        { "weights.safetensors", "delete" },
        { "weights.safetensors", "empty" },
        { "tokenizer.json", "flip" },
        { "tokenizer.json", "truncate" },
        { "report.json", "flip" },
        { "report.json", "delete" },
        { "manifest.json", "truncate" },
        { "manifest.json", "empty" },
        { "manifest.json", "delete" },
        { "manifest.json", "null" },
        { "manifest.json", "array" },
        { "manifest.json", "future" },
        { "manifest.json", "nofiles" },
        { "manifest.json", "temperature" },
        { "manifest.json", "foreignfile" },
        { "manifest.json", "edited" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_version_is_listed_as_damaged_refused_by_file_and_harms_no_other(string file, string damage)
    {
        using var folder = trained.Copy();
        Damage(Path.Combine(folder.Path, "models", "names", "2", file), damage);
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
            await AssertDamagedAsync(host, file);

        // And the service still starts the next time.
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
            await AssertDamagedAsync(host, file);
    }

    [Fact]
    public async Task Damage_done_while_the_service_runs_is_noticed_even_where_the_model_is_loaded()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        await host.GetAsync($"{Models}/names:2/sample");
        Damage(Path.Combine(host.Root, "models", "names", "2", "weights.safetensors"), "flip");
        await AssertDamagedAsync(host, "weights.safetensors");
    }

    [Fact]
    public async Task Damage_that_leaves_size_and_time_alone_is_found_by_the_hash_when_the_model_is_loaded()
    {
        using var folder = trained.Copy();
        string path = Path.Combine(folder.Path, "models", "names", "2", "weights.safetensors");
        var time = File.GetLastWriteTimeUtc(path);
        Damage(path, "flip");
        File.SetLastWriteTimeUtc(path, time);
        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Contains("SHA-256", (string)(await again.GetAsync($"{Models}/names:2/sample", 500))["detail"]!, StringComparison.Ordinal);
        await AssertDamagedAsync(again, "weights.safetensors");
    }

    [Fact]
    public async Task Damage_that_leaves_size_and_time_alone_is_found_at_start_where_a_setting_says_so()
    {
        using var folder = trained.Copy();
        string path = Path.Combine(folder.Path, "models", "names", "2", "report.json");
        var time = File.GetLastWriteTimeUtc(path);
        Damage(path, "flip");
        File.SetLastWriteTimeUtc(path, time);
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
            Assert.All((await host.GetAsync($"{Models}/names"))["versions"]!.AsArray(), version => Assert.Equal("ready", (string?)version!["status"]));
        await using var again = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Models:VerifyAtStart"] = "true" }, folder.Path);
        await AssertDamagedAsync(again, "report.json");
    }

    private static async Task AssertDamagedAsync(ServiceHost host, string file)
    {
        var versions = (await host.GetAsync($"{Models}/names"))["versions"]!.AsArray();
        Assert.Equal(["ready", "damaged"], versions.Select(version => (string?)version!["status"]));
        Assert.Equal(file, (string?)versions[1]!["damage"]!["file"]);
        Assert.Equal("languageModel", (string?)(await host.GetAsync(Models))["items"]![0]!["task"]);

        foreach (string address in new[] { "names:2/sample", "names/sample", "names/versions/2", "names/versions/2/report", "names/versions/2/files/tokenizer.json" })
        {
            var problem = await host.GetAsync($"{Models}/{address}", 500);
            Assert.Equal("/problems/damaged-version", (string?)problem["type"]);
            Assert.Contains(file, (string)problem["detail"]!, StringComparison.Ordinal);
        }

        await host.PutAsync($"{Models}/names/aliases/production", """{ "version": 2 }""", 500);
        Assert.Equal(1, (int)(await host.GetAsync($"{Models}/names:1/sample"))["version"]!);
        await host.GetAsync($"{Models}/names/versions/1");
    }

    private static void Damage(string path, string damage)
    {
        switch (damage)
        {
            case "flip":
                byte[] bytes = File.ReadAllBytes(path);
                bytes[^1] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "truncate":
                using (var stream = File.OpenWrite(path))
                    stream.SetLength(stream.Length / 2);
                break;
            case "delete":
                File.Delete(path);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "null":
                File.WriteAllText(path, "null");
                break;
            case "array":
                File.WriteAllText(path, "[1, 2]");
                break;
            default:
                var manifest = JsonNode.Parse(File.ReadAllText(path))!;
                if (damage == "future")
                    manifest["formatVersion"] = 99;
                else if (damage == "temperature")
                    manifest["temperature"] = 0;
                else if (damage == "edited")
                    manifest["metrics"]!["validationLoss"] = 0.001;
                else if (damage == "nofiles")
                    manifest["files"] = new JsonArray();
                else
                    manifest["files"]![0]!["name"] = "../../../etc/passwd";
                File.WriteAllText(path, manifest.ToJsonString());
                break;
        }
    }

    /// <summary>The data of a service that has trained two versions of a model and ended, for each test to take a copy of.</summary>
    public sealed class TwoVersions : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public async Task InitializeAsync()
        {
            await using var host = await ServiceHost.StartAsync(root: _folder.Path);
            await host.TrainAsync(TinyJobs.LanguageModel("names"));
            await host.TrainAsync(TinyJobs.LanguageModel("names"));
        }

        public TemporaryFolder Copy()
        {
            var copy = new TemporaryFolder();
            foreach (string file in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
            {
                string to = Path.Combine(copy.Path, Path.GetRelativePath(_folder.Path, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }

            return copy;
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => _folder.Dispose();
    }
}
