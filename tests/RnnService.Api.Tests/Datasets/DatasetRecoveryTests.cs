using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Datasets;
using SequenceModels.Data;

namespace RnnService.Api.Tests.Datasets;

public sealed class DatasetRecoveryTests
{
    [Fact]
    public async Task Datasets_outlive_the_service_and_even_its_database()
    {
        using var folder = new TemporaryFolder();
        string before;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            await host.UploadAsync("name=mine&format=tsv&header=false&textColumn=2&labelColumn=3", "1\ta\tx\n2\tb\ty\n");
            before = (await host.GetAsync("/api/v1/datasets")).ToJsonString();
        }

        await using (var host = await ServiceHost.StartAsync(root: folder.Path)) Assert.Equal(before, (await host.GetAsync("/api/v1/datasets")).ToJsonString());
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(folder.Path, "service.db*")) File.Delete(file);
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            Assert.Equal(before, (await host.GetAsync("/api/v1/datasets")).ToJsonString());
            var store = host.Services.GetRequiredService<DatasetStore>();
            var dataset = await store.FindOrNullAsync("mine", CancellationToken.None);
            Assert.Equal(new DatasetOptions(DatasetFormat.Tsv, Header: false, TextColumn: "2", LabelColumn: "3"), dataset?.Options);
        }
    }

    [Fact]
    public async Task Leftovers_of_a_crash_are_removed_and_what_was_acknowledged_stays()
    {
        using var folder = new TemporaryFolder();
        var datasets = folder["datasets"];
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            await host.UploadAsync("name=kept&format=lines", DatasetRequests.Lines);
            await host.UploadAsync("name=deleted&format=lines", "being deleted\n");
        }

        // A deletion cut short between the name and the content, an upload cut short in staging, a name that was being written.
        var deleted = Path.Combine(datasets, DatasetRequests.Sha256("being deleted\n"));
        var kept = Path.Combine(datasets, DatasetRequests.Sha256(DatasetRequests.Lines));
        File.Delete(Path.Combine(deleted, "deleted.json"));
        Directory.CreateDirectory(Path.Combine(folder["staging"], "dataset-1"));
        await File.WriteAllTextAsync(Path.Combine(folder["staging"], "dataset-1", "content"), "half");
        await File.WriteAllTextAsync(Path.Combine(kept, ".twin.json.1.tmp"), "{ \"format");

        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            Assert.Equal(["dinosaurs", "kept", "opinions"], await host.NamesAsync());
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder["staging"]));
            Assert.Equal(["content", "kept.json"], DatasetRequests.Files(folder.Path, Path.Combine("datasets", Path.GetFileName(kept))));
            Assert.False(Directory.Exists(deleted));
            await host.UploadAsync("name=deleted&format=lines", "being deleted\n");
        }
    }

    [Theory]
    [InlineData("manifest cut off")]
    [InlineData("manifest of the future")]
    [InlineData("manifest of another name")]
    [InlineData("content missing")]
    [InlineData("content cut off")]
    public async Task A_damaged_dataset_harms_no_other_and_is_put_right_by_uploading_it_again(string damage)
    {
        using var folder = new TemporaryFolder();
        var content = Path.Combine(folder["datasets"], DatasetRequests.Sha256(DatasetRequests.Lines), "content");
        var manifest = Path.Combine(Path.GetDirectoryName(content)!, "mine.json");
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines);
            await host.UploadAsync("name=other&format=lines", "other\n");
        }

        var json = await File.ReadAllTextAsync(manifest);
        switch (damage)
        {
            case "manifest cut off": await File.WriteAllTextAsync(manifest, json[..(json.Length / 2)]); break;
            case "manifest of the future": await File.WriteAllTextAsync(manifest, json.Replace("\"formatVersion\":1", "\"formatVersion\":2", StringComparison.Ordinal)); break;
            case "manifest of another name": await File.WriteAllTextAsync(manifest, json.Replace("\"mine\"", "\"yours\"", StringComparison.Ordinal)); break;
            case "content missing": File.Delete(content); break;
            default: await File.WriteAllTextAsync(content, "one\nt"); break;
        }

        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            Assert.Equal(["dinosaurs", "opinions", "other"], await host.NamesAsync());
            await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines);
            using var answer = await host.ContentAsync("mine");
            Assert.Equal(DatasetRequests.Lines, await answer.Content.ReadAsStringAsync());
        }

        await using (var host = await ServiceHost.StartAsync(root: folder.Path)) Assert.Equal(["dinosaurs", "mine", "opinions", "other"], await host.NamesAsync());
    }

    [Fact]
    public async Task A_dataset_that_was_kept_before_a_statistic_existed_has_null_in_its_place()
    {
        using var folder = new TemporaryFolder();
        await using (var host = await ServiceHost.StartAsync(root: folder.Path)) await host.UploadAsync("name=mine&format=lines", "one\none\n");
        var path = Path.Combine(folder["datasets"], DatasetRequests.Sha256("one\none\n"), "mine.json");
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        Assert.True(manifest.AsObject().Remove("warningCount"));
        foreach (var member in new[] { "lengths", "frequentCharacters", "unknownShare" }) Assert.True(manifest["statistics"]!.AsObject().Remove(member));
        await File.WriteAllTextAsync(path, manifest.ToJsonString());
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            var dataset = await host.GetAsync("/api/v1/datasets/mine");
            Assert.Equal((2, 6, 1), ((int)dataset["statistics"]!["sequences"]!, (int)dataset["statistics"]!["characters"]!, (int)dataset["warningCount"]!));
            Assert.Null(dataset["statistics"]!["lengths"]);
            Assert.Null(dataset["statistics"]!["unknownShare"]);
        }
    }

    [Fact]
    public async Task A_content_without_a_name_is_kept_while_somebody_needs_it()
    {
        using var folder = new TemporaryFolder();
        var sha256 = DatasetRequests.Sha256(DatasetRequests.Lines);
        await using (var host = await ServiceHost.StartAsync(root: folder.Path)) await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines);
        File.Delete(Path.Combine(folder["datasets"], sha256, "mine.json"));
        await using (await ServiceHost.StartAsync(root: folder.Path, services: services => services.AddSingleton<IDatasetUsage>(new Always())))
        {
            Assert.True(File.Exists(Path.Combine(folder["datasets"], sha256, "content")));
        }
    }

    [Fact]
    public async Task Names_never_collide_with_files_of_the_store()
    {
        await using var host = await ServiceHost.StartAsync();
        foreach (var name in new[] { "content", "content.json", new string('a', 64) })
        {
            await host.UploadAsync($"name={name}&format=lines", DatasetRequests.Lines);
            using var answer = await host.ContentAsync(name);
            Assert.Equal(DatasetRequests.Lines, await answer.Content.ReadAsStringAsync());
        }
    }

    private sealed class Always : IDatasetUsage
    {
        public Task<string?> NeededByOrNullAsync(string sha256, CancellationToken cancellationToken) => Task.FromResult<string?>("a test");
    }
}
