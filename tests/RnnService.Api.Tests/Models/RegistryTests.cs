using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Models;

public sealed class RegistryTests
{
    private const string Models = "/api/v1/models";

    [Fact]
    public async Task Files_come_as_what_they_are_and_the_document_says_so()
    {
        await using var host = await ServiceHost.StartAsync();
        await TrainVersionsAsync(host, "names", 1);
        var types = new Dictionary<string, string?>();
        foreach (string file in new[] { "manifest.json", "weights.safetensors", "tokenizer.json", "report.json", "model.onnx", "results.csv" })
        {
            using var response = await host.Client.GetAsync(new Uri($"{Models}/names/versions/1/files/{file}", UriKind.Relative));
            Assert.Equal(200, (int)response.StatusCode);
            types.Add(file, response.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal(["application/json", "application/octet-stream", "application/json", "application/json", "application/octet-stream", "text/csv"], types.Values);
        var documented = (await host.GetAsync("/swagger/v1/swagger.json"))["paths"]![$"{Models}/{{name}}/versions/{{version}}/files/{{file}}"]!["get"]!["responses"]!["200"]!["content"]!.AsObject();
        Assert.Equal(types.Values.Distinct().Order(StringComparer.Ordinal), documented.Select(media => media.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Aliases_move_at_once_and_latest_is_the_highest_version_that_exists()
    {
        await using var host = await ServiceHost.StartAsync();
        await TrainVersionsAsync(host, "names", 3);
        Assert.Equal(3, (int)(await host.GetAsync($"{Models}/names"))["aliases"]!["latest"]!);

        await host.PutAsync($"{Models}/names/aliases/production", """{ "version": 2 }""");
        Assert.Equal(2, (int)(await host.GetAsync($"{Models}/names@production/sample"))["version"]!);
        var moved = await host.PutAsync($"{Models}/names/aliases/production", """{ "version": 1 }""");
        Assert.Equal("""{"latest":3,"production":1}""", moved["aliases"]!.ToJsonString());
        Assert.Equal(1, (int)(await host.GetAsync($"{Models}/names@production/sample"))["version"]!);
        Assert.Equal(3, (int)(await host.GetAsync($"{Models}/names/sample"))["version"]!);
        Assert.Equal(2, (int)(await host.GetAsync($"{Models}/names:2/sample"))["version"]!);

        await host.DeleteAsync($"{Models}/names/versions/3");
        Assert.Equal(2, (int)(await host.GetAsync($"{Models}/names@latest/sample"))["version"]!);
        await host.DeleteAsync($"{Models}/names/aliases/production");
        await host.DeleteAsync($"{Models}/names/aliases/production", 404);
    }

    [Fact]
    public async Task Aliases_that_are_the_services_own_or_lead_nowhere_are_refused()
    {
        await using var host = await ServiceHost.StartAsync();
        await TrainVersionsAsync(host, "names", 1);
        foreach (string alias in new[] { "latest", "job-1", "Production", "-x", new string('a', 65) })
        {
            var problem = await host.PutAsync($"{Models}/names/aliases/{alias}", """{ "version": 1 }""", 400);
            Assert.Equal(["alias"], ServiceHost.Errors(problem).Keys);
            await host.DeleteAsync($"{Models}/names/aliases/{alias}", 400);
        }

        Assert.Equal(["version"], ServiceHost.Errors(await host.PutAsync($"{Models}/names/aliases/a", """{ "version": 2 }""", 404)).Keys);
        Assert.Equal(["version"], ServiceHost.Errors(await host.PutAsync($"{Models}/names/aliases/a", """{ "version": 0 }""", 400)).Keys);
        await host.PutAsync($"{Models}/names/aliases/a", """{ "version": "1" }""", 400);
        await host.PutAsync($"{Models}/names/aliases/a", """{ "version": 1, "force": true }""", 400);
        await host.PutAsync($"{Models}/names/aliases/a", "{}", 400);
        await host.PutAsync($"{Models}/nobody/aliases/a", """{ "version": 1 }""", 404);
        await host.DeleteAsync($"{Models}/nobody/aliases/a", 404);
    }

    [Fact]
    public async Task What_an_alias_points_at_is_not_deleted()
    {
        await using var host = await ServiceHost.StartAsync();
        await TrainVersionsAsync(host, "names", 2);
        await host.PutAsync($"{Models}/names/aliases/production", """{ "version": 1 }""");
        Assert.Contains("production", (string)(await host.DeleteAsync($"{Models}/names/versions/1", 409))["detail"]!, StringComparison.Ordinal);
        await host.DeleteAsync($"{Models}/names", 409);
        await host.DeleteAsync($"{Models}/names/versions/2");
        await host.DeleteAsync($"{Models}/names/versions/2", 404);
        await host.DeleteAsync($"{Models}/names/aliases/production");
        await host.DeleteAsync($"{Models}/names");
        await host.DeleteAsync($"{Models}/names", 404);
        await host.GetAsync($"{Models}/names", 404);
        Assert.Empty((await host.GetAsync(Models))["items"]!.AsArray());
        Assert.False(Directory.Exists(Path.Combine(host.Root, "models", "names")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Root, "staging")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Version_numbers_are_never_used_again(bool databaseIsLost)
    {
        using var folder = new TemporaryFolder();
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            await TrainVersionsAsync(host, "names", 2);
            await host.DeleteAsync($"{Models}/names/versions/2");
            Assert.Equal(3, await TrainVersionsAsync(host, "names", 1));
            await host.DeleteAsync($"{Models}/names");
            Assert.Equal(4, await TrainVersionsAsync(host, "names", 1));
            await host.DeleteAsync($"{Models}/names");
        }

        if (databaseIsLost)
            LoseDatabase(folder.Path);

        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        await again.GetAsync($"{Models}/names", 404);
        Assert.Equal(5, await TrainVersionsAsync(again, "names", 1));
    }

    [Fact]
    public async Task The_index_is_rebuilt_from_the_folders()
    {
        using var folder = new TemporaryFolder();
        string before;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            await TrainVersionsAsync(host, "names", 2);
            before = (await host.GetAsync(Models)).ToJsonString();
        }

        LoseDatabase(folder.Path);
        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Equal(before, (await again.GetAsync(Models)).ToJsonString());
        Assert.Equal(2, (int)(await again.GetAsync($"{Models}/names/sample"))["version"]!);
    }

    [Fact]
    public async Task Models_are_listed_by_name_in_pages()
    {
        await using var host = await ServiceHost.StartAsync();
        foreach (string name in new[] { "c", "a", "b" })
            await TrainVersionsAsync(host, name, 1);
        var first = await host.GetAsync($"{Models}?limit=2");
        Assert.Equal(["a", "b"], first["items"]!.AsArray().Select(model => (string?)model!["name"]));
        var second = await host.GetAsync($"{Models}?limit=2&after={first["next"]}");
        Assert.Equal(["c"], second["items"]!.AsArray().Select(model => (string?)model!["name"]));
        Assert.Null(second["next"]);
    }

    [Theory]
    [InlineData("/api/v1/models/No", 400)]
    [InlineData("/api/v1/models/no", 404)]
    [InlineData("/api/v1/models/no%2f..%2fno", 400)]
    [InlineData("/api/v1/models/names/versions/x", 400)]
    [InlineData("/api/v1/models/names/versions/0", 400)]
    [InlineData("/api/v1/models/names/versions/01", 400)]
    [InlineData("/api/v1/models/names/versions/99999999999", 400)]
    [InlineData("/api/v1/models/names/versions/2", 404)]
    [InlineData("/api/v1/models/names/versions/1/report", 200)]
    [InlineData("/api/v1/models/names/versions/2/report", 404)]
    [InlineData("/api/v1/models/names/versions/1/files/none", 404)]
    [InlineData("/api/v1/models/names?x=1", 400)]
    [InlineData("/api/v1/models/names:1", 400)]
    public async Task Addresses_that_lead_nowhere_are_told_apart_from_malformed_ones(string address, int status)
    {
        await using var host = await ServiceHost.StartAsync();
        await TrainVersionsAsync(host, "names", 1);
        await host.GetAsync(address, status);
    }

    private static void LoseDatabase(string root)
    {
        // Connections that this process keeps open would go on with the old file.
        SqliteConnection.ClearAllPools();
        foreach (string file in Directory.EnumerateFiles(root, "service.db*"))
            File.Delete(file);
    }

    /// <summary>Trains versions; the number of the last one.</summary>
    private static async Task<int> TrainVersionsAsync(ServiceHost host, string model, int count)
    {
        JsonNode? job = null;
        for (int i = 0; i < count; i++)
            job = await host.TrainAsync(TinyJobs.LanguageModel(model, epochs: 1));
        return (int)job!["result"]!["version"]!;
    }
}
