using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Models;
using RnnService.Api.Models.Packages;
using RnnService.Api.Storage;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Models.Packages;

/// <summary>Versions go from one service to another and stay what they are.</summary>
public sealed class PackageTests(TrainedPackages trained) : IClassFixture<TrainedPackages>
{
    private const string Models = "/api/v1/models";

    [Fact]
    public async Task The_same_version_gives_the_same_bytes_until_it_is_described_otherwise()
    {
        using var response = await trained.Host.Client.GetAsync(new Uri($"{Models}/opinions/versions/1/export", UriKind.Relative));
        byte[] package = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("application/zip", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("opinions-1.zip", response.Content.Headers.ContentDisposition!.FileName);
        Assert.Equal(package, await trained.Host.ExportAsync("opinions", 1));
        Assert.Equal(["package.json", "manifest.json", "tokenizer.json", "report.json", "weights.safetensors"], PackageBytes.Unpack(package).Select(entry => entry.Name));
        foreach (var (name, content) in PackageBytes.Unpack(package).Skip(1))
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(trained.Host.Root, "models", "opinions", "1", name)), content);

        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri($"{Models}/opinions/versions/1/export", UriKind.Relative)) { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
        using var unchanged = await trained.Host.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        await trained.Host.PatchAsync($"{Models}/opinions/versions/1", """{ "tags": { "seen": "yes" } }""");
        using var changed = await trained.Host.Client.GetAsync(new Uri($"{Models}/opinions/versions/1/export", UriKind.Relative));
        Assert.NotEqual(response.Headers.ETag, changed.Headers.ETag);
        await trained.Host.GetAsync($"{Models}/opinions/versions/9/export", 404);
        await trained.Host.GetAsync($"{Models}/nobody/versions/1/export", 404);
    }

    [Fact]
    public async Task A_version_works_elsewhere_as_it_did_and_keeps_its_story()
    {
        using var folder = new TemporaryFolder();
        string before;
        await using (var other = await ServiceHost.StartAsync(root: folder.Path))
        {
            using var response = await other.Client.PostAsync(new Uri(PackageBytes.Import, UriKind.Relative), PackageBytes.Content(trained.Names));
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            Assert.Equal($"{Models}/names/versions/1", response.Headers.Location!.ToString());
            var version = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            Assert.Equal("names:1", (string?)version["reference"]);
            Assert.Equal("First of its name.", (string?)version["description"]);
            Assert.Equal("""{"run":"7"}""", version["tags"]!.ToJsonString());
            Assert.NotNull(version["importedAt"]);
            Assert.Equal((await trained.Host.GetAsync($"{Models}/names/versions/1")).ToJsonString(), (await other.GetAsync($"{Models}/names/versions/1")).ToJsonString());
            Assert.Equal(
                (await trained.Host.GetAsync($"{Models}/names:1/sample?seed=3&n=5"))["samples"]!.ToJsonString(), (await other.GetAsync($"{Models}/names:1/sample?seed=3&n=5"))["samples"]!.ToJsonString());
            await other.GetAsync($"{Models}/names/versions/1/report");
            using var card = await other.Client.GetAsync(new Uri($"{Models}/names/versions/1/card", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, card.StatusCode);
            Assert.Equal(trained.Names, await other.ExportAsync("names", 1));
            Assert.Empty(other.Staged());
            // A job goes on from it as from any other version.
            var job = TinyJobs.LanguageModel("names", epochs: 1);
            job.Remove("architecture");
            job["continueFrom"] = "names:1";
            Assert.Equal(2, (int)(await other.TrainAsync(job))["result"]!["version"]!);
            before = (await other.GetAsync($"{Models}/names"))["versions"]![0]!["importedAt"]!.ToJsonString();
        }

        SqliteConnection.ClearAllPools();
        foreach (string file in Directory.EnumerateFiles(folder.Path, "service.db*"))
            File.Delete(file);
        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Equal(before, (await again.GetAsync($"{Models}/names"))["versions"]![0]!["importedAt"]!.ToJsonString());
    }

    [Fact]
    public async Task Card_and_comparison_say_that_a_version_was_imported()
    {
        await using var other = await ServiceHost.StartAsync();
        await other.ImportAsync(trained.Names, 201, "?name=ours");
        await other.TrainAsync(TinyJobs.LanguageModel("ours", epochs: 1));
        var listed = (await other.GetAsync($"{Models}/ours"))["versions"]!.AsArray().Single(version => (int)version!["version"]! == 1)!;
        string time = ((string)listed["importedAt"]!)[..19].Replace('T', ' ');
        string card = await CardAsync(other, "ours/versions/1/card");
        Assert.Contains($"\nImported at `{time}Z`; it was `names:1` there. Job, dataset and base model are those of the service that trained it.\n", card, StringComparison.Ordinal);
        Assert.Contains($"<p>Imported at <code>{time}Z</code>; it was <code>names:1</code> there.", await CardAsync(other, "ours/versions/1/card?format=html"), StringComparison.Ordinal);
        Assert.DoesNotContain("Imported at", await CardAsync(other, "ours/versions/2/card"), StringComparison.Ordinal);

        var comparison = await other.GetAsync($"{Models}/ours/versions/1/compare?with=ours:2");
        Assert.Equal((string?)listed["importedAt"], (string?)comparison["first"]!["importedAt"]);
        Assert.Null(comparison["second"]!["importedAt"]);
    }

    [Fact]
    public async Task What_a_model_has_already_is_not_imported_again_and_under_another_name_it_is()
    {
        await using var other = await ServiceHost.StartAsync();
        await other.ImportAsync(trained.Opinions);
        Assert.Equal(1, (int)(await other.ImportAsync(trained.Opinions, 200))["version"]!);
        Assert.Equal("second:1", (string?)(await other.ImportAsync(trained.Opinions, 201, "?name=second"))["reference"]);
        Assert.Equal(1, (int)(await other.GetAsync($"{Models}/second/classify?text=alpha"))["version"]!);
        // As a packer of another kind would write it.
        Assert.Equal(1, (int)(await other.ImportAsync(PackageBytes.Pack(PackageBytes.Unpack(trained.Opinions).AsEnumerable().Reverse()), 200))["version"]!);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => other.Client.PostAsync(new Uri($"{PackageBytes.Import}?name=third", UriKind.Relative), PackageBytes.Content(trained.Opinions))));
        Assert.Equal([200, 200, 200, 201], answers.Select(answer => (int)answer.StatusCode).Order());
        Assert.Single((await other.GetAsync($"{Models}/third"))["versions"]!.AsArray());
        Assert.Empty(other.Staged());
    }

    [Fact]
    public async Task An_import_sent_again_with_its_key_gets_the_first_answer_even_if_the_version_is_gone()
    {
        await using var other = await ServiceHost.StartAsync();
        var first = await SendAsync(other, trained.Opinions, "a", HttpStatusCode.Created);
        await other.DeleteAsync($"{Models}/opinions/versions/1");
        Assert.Equal(first, await SendAsync(other, trained.Opinions, "a", HttpStatusCode.Created));
        await other.GetAsync($"{Models}/opinions", 404);
        Assert.Contains("idempotency-key-reused", await SendAsync(other, trained.Names, "a", HttpStatusCode.Conflict), StringComparison.Ordinal);
        await SendAsync(other, trained.Opinions, "b", HttpStatusCode.Created);
        Assert.Equal("opinions:2", (string?)(await other.GetAsync($"{Models}/opinions"))["versions"]![0]!["reference"]);
    }

    [Fact]
    public async Task A_copy_is_not_what_a_job_of_this_service_published()
    {
        await using var host = await ServiceHost.StartAsync();
        var job = await host.TrainAsync(TinyJobs.LanguageModel("names", epochs: 1));
        string id = (string)job["id"]!;
        await host.ImportAsync(await host.ExportAsync("names", 1), 201, "?name=a-copy");
        var catalog = host.Services.GetRequiredService<ModelCatalog>();
        Assert.Equal("names", (await catalog.FindByJobOrNullAsync(id, CancellationToken.None))!.Model);
        Assert.Equal(1, (int)(await host.GetAsync($"{Models}/names@job-{id}/sample"))["version"]!);
        await host.GetAsync($"{Models}/a-copy@job-{id}/sample", 404);
        Assert.Equal(1, (int)(await host.GetAsync($"{Models}/a-copy/sample"))["version"]!);
        await host.DeleteAsync($"{Models}/names");
        Assert.Null(await catalog.FindByJobOrNullAsync(id, CancellationToken.None));
    }

    [Fact]
    public async Task A_model_keeps_its_task()
    {
        await using var other = await ServiceHost.StartAsync();
        await other.ImportAsync(trained.Names, 201, "?name=same");
        var problem = await other.ImportAsync(trained.Opinions, 409, "?name=same");
        Assert.Equal("/problems/wrong-task", (string?)problem["type"]);
        string waiting = (string)(await other.SubmitAsync(TinyJobs.Endless("trained")))["id"]!;
        await other.ImportAsync(trained.Opinions, 409, "?name=trained");
        await other.PostAsync($"{TinyJobs.Jobs}/{waiting}/cancel", null);
        Assert.Empty(other.Staged());
    }

    [Fact]
    public async Task A_deletion_does_not_break_an_export_under_way()
    {
        await using var other = await ServiceHost.StartAsync();
        await other.ImportAsync(trained.Names);
        var opened = await other.Services.GetRequiredService<PackageExport>().OpenAsync("names", 1, CancellationToken.None);
        await using var package = opened.Package!;
        await other.DeleteAsync($"{Models}/names");
        using var written = new MemoryStream();
        await package.WriteAsync(written, CancellationToken.None);
        Assert.All(PackageBytes.Unpack(trained.Names).Zip(PackageBytes.Unpack(written.ToArray())), pair =>
        {
            Assert.Equal(pair.First.Name, pair.Second.Name);
            Assert.Equal(pair.First.Content, pair.Second.Content);
        });
    }

    [Fact]
    public async Task A_damaged_version_is_not_exported_and_can_be_imported_anew()
    {
        await using var other = await ServiceHost.StartAsync();
        await other.ImportAsync(trained.Names);
        string path = Path.Combine(other.Root, "models", "names", "1", "weights.safetensors");
        var time = File.GetLastWriteTimeUtc(path);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        File.SetLastWriteTimeUtc(path, time);
        var problem = await other.GetAsync($"{Models}/names/versions/1/export", 500);
        Assert.Contains("weights.safetensors has the SHA-256", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal("names:2", (string?)(await other.ImportAsync(trained.Names))["reference"]);
        await other.ExportAsync("names", 2);
    }

    [Fact]
    public async Task Weights_that_are_not_finite_start_no_training_even_where_they_are_in_the_registry()
    {
        using var folder = new TemporaryFolder();
        await PlaceAsync(folder, PackageBytes.WithConsistent(trained.Opinions, "weights.safetensors", weights => PackageBytes.WithLastWeight(weights, float.NaN)));
        await using var other = await ServiceHost.StartAsync(root: folder.Path);
        var job = TinyJobs.Classifier("opinions");
        job.Remove("architecture");
        job["continueFrom"] = "opinions:1";
        var failed = await other.WaitForJobAsync((string)(await other.SubmitAsync(job))["id"]!, "failed");
        Assert.Equal("/problems/base-gone", (string?)failed["error"]!["type"]);
        job["dryRun"] = true;
        await other.PostAsync(TinyJobs.Jobs, job.ToJsonString(), 409);
    }

    [Fact]
    public async Task What_no_import_would_take_is_not_exported()
    {
        using var folder = new TemporaryFolder();
        await PlaceAsync(folder, PackageBytes.WithConsistent(trained.Opinions, "report.json", report => [.. report, .. Enumerable.Repeat((byte)' ', 1 << 25)]));
        await using var other = await ServiceHost.StartAsync(root: folder.Path);
        var problem = await other.GetAsync($"{Models}/opinions/versions/1/export", 409);
        Assert.Equal("/problems/model-too-large", (string?)problem["type"]);
        Assert.Contains("report.json has 335", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Contains("at most 33554432 are read", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_of_an_import_that_cannot_be_read_is_damage_like_any_other()
    {
        await using var other = await ServiceHost.StartAsync();
        await other.ImportAsync(trained.Names);
        await File.WriteAllTextAsync(Path.Combine(other.Root, "models", "names", "1", "import.json"), "{");
        Assert.Contains("import.json is not a readable note", (string)(await other.GetAsync($"{Models}/names/sample", 500))["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_that_is_given_up_leaves_nothing()
    {
        await using var other = await ServiceHost.StartAsync();
        string path = Path.Combine(other.Root, "names.zip");
        await File.WriteAllBytesAsync(path, trained.Names);
        using var end = new CancellationTokenSource();
        var import = other.Services.GetRequiredService<PackageReader>().ReadAsync(path, long.MaxValue, end.Token);
        await end.CancelAsync();
        try
        {
            // Whether it was given up in time is a matter of luck; what it leaves is not.
            (await import).Package!.Version.Discard();
        }
        catch (OperationCanceledException)
        {
            Assert.True(import.IsCanceled);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.Services.GetRequiredService<PackageReader>().ReadAsync(path, long.MaxValue, end.Token));
        Assert.Empty(other.Staged());
    }

    [Fact]
    public async Task A_package_comes_as_a_form_too_is_not_larger_than_it_may_be_and_needs_room()
    {
        var disk = new Disk();
        var settings = new Dictionary<string, string?> { ["Models:MaxImportBytes"] = $"{trained.Names.Length + 1000}" };
        await using var other = await ServiceHost.StartAsync(settings, services: services => services.AddSingleton<IDiskSpace>(disk));
        using (var form = new MultipartFormDataContent { { PackageBytes.Content(trained.Names), "file", "names-1.zip" } })
            await other.SendAsync(HttpMethod.Post, $"{PackageBytes.Import}?name=form", form, 201);
        var problem = await other.ImportAsync([.. trained.Names, .. new byte[2000]], 413);
        Assert.Equal(trained.Names.Length + 1000, (long)problem["maxBytes"]!);
        Assert.Equal(["name", "other"], ServiceHost.Errors(await other.ImportAsync(trained.Names, 400, "?name=No&other=1")).Keys.Order());

        disk.Free = 0;
        await other.ImportAsync(trained.Names, 503);
        Assert.Empty(other.Staged());
        // The address of imports is no name that models cannot have.
        disk.Free = long.MaxValue;
        await other.ImportAsync(trained.Names, 201, "?name=import");
        Assert.Equal("import", (string?)(await other.GetAsync($"{Models}/import"))["name"]);
    }

    /// <summary>Lays a version into a registry, past all that an import looks at.</summary>
    private static async Task PlaceAsync(TemporaryFolder folder, byte[] package)
    {
        string version = Path.Combine(folder.Path, "models", "opinions", "1");
        Directory.CreateDirectory(version);
        foreach (var (name, content) in PackageBytes.Unpack(package).Skip(1))
            await File.WriteAllBytesAsync(Path.Combine(version, name), content);
    }

    private static Task<string> CardAsync(ServiceHost host, string path) => host.Client.GetStringAsync(new Uri($"{Models}/{path}", UriKind.Relative));

    private static async Task<string> SendAsync(ServiceHost host, byte[] package, string key, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(PackageBytes.Import, UriKind.Relative)) { Content = PackageBytes.Content(package) };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private sealed class Disk : IDiskSpace
    {
        public long Free { get; set; } = long.MaxValue;

        public long FreeBytes(string folder) => Free;
    }
}

/// <summary>A service that has trained a language model and a classifier, and their packages.</summary>
public sealed class TrainedPackages : IAsyncLifetime
{
    public ServiceHost Host { get; private set; } = null!;

    public byte[] Names { get; private set; } = [];

    public byte[] Opinions { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Host = await ServiceHost.StartAsync();
        var job = TinyJobs.LanguageModel("names", epochs: 1);
        job["tags"] = new JsonObject { ["run"] = "7" };
        await Host.TrainAsync(job);
        await Host.PatchAsync("/api/v1/models/names/versions/1", """{ "description": "First of its name." }""");
        await Host.TrainAsync(TinyJobs.Classifier("opinions", epochs: 1));
        Names = await Host.ExportAsync("names", 1);
        Opinions = await Host.ExportAsync("opinions", 1);
    }

    public Task DisposeAsync() => Host.DisposeAsync().AsTask();
}
