using Microsoft.Data.Sqlite;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Models;

/// <summary>What a crash can leave at each point of publishing and deleting, laid out by hand, and what the next start makes of it.</summary>
public sealed class CrashLeftoverTests : IDisposable
{
    private const string Models = "/api/v1/models";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_crash_while_a_version_is_written_leaves_no_version_and_the_job_runs_anew(int filesWritten)
    {
        string id = await TrainAsync();
        string version = Path.Combine(_folder.Path, "models", "names", "1"), staging = Path.Combine(_folder.Path, "staging", "version-0123456789abcdef");
        Directory.CreateDirectory(staging);
        foreach (string file in new[] { "weights.safetensors", "tokenizer.json", "report.json", "manifest.json" }.Take(filesWritten))
            File.Copy(Path.Combine(version, file), Path.Combine(staging, file));
        Directory.Delete(Path.Combine(_folder.Path, "models"), recursive: true);
        Forget(rows: true, job: true);

        await using var host = await ServiceHost.StartAsync(root: _folder.Path);
        var job = await host.WaitForJobAsync(id, "succeeded");
        Assert.Equal(1, (int)job["result"]!["version"]!);
        Assert.Single((await host.GetAsync($"{Models}/names"))["versions"]!.AsArray());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "staging")));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_crash_after_the_rename_neither_loses_nor_doubles_the_version(bool beforeNumberIsNoted, bool beforeRow)
    {
        string id = await TrainAsync();
        if (beforeNumberIsNoted)
            Directory.Delete(Path.Combine(_folder.Path, "models", ".numbers"), recursive: true);
        Forget(rows: beforeRow, job: true);
        DateTime written = Directory.GetLastWriteTimeUtc(Path.Combine(_folder.Path, "models", "names", "1"));

        await using var host = await ServiceHost.StartAsync(root: _folder.Path);
        var job = await host.WaitForJobAsync(id, "succeeded");
        Assert.Equal("names:1", (string?)job["result"]!["reference"]);
        Assert.NotNull(job["result"]!["metrics"]!["validationLoss"]);
        var versions = (await host.GetAsync($"{Models}/names"))["versions"]!.AsArray();
        Assert.Equal(id, (string?)versions.Single()!["jobId"]);
        Assert.Equal(written, Directory.GetLastWriteTimeUtc(Path.Combine(_folder.Path, "models", "names", "1")));
        Assert.Equal(2, (int)(await host.TrainAsync(TinyJobs.LanguageModel("names")))["result"]!["version"]!);
    }

    [Fact]
    public async Task A_crash_after_the_versions_row_only_ends_the_job()
    {
        string id = await TrainAsync();
        Forget(rows: false, job: true);
        await using var host = await ServiceHost.StartAsync(root: _folder.Path);
        Assert.Equal(1, (int)(await host.WaitForJobAsync(id, "succeeded"))["result"]!["version"]!);
        Assert.Single((await host.GetAsync($"{Models}/names"))["versions"]!.AsArray());
    }

    [Fact]
    public async Task A_deletion_cut_short_after_the_rename_is_finished()
    {
        await TrainAsync();
        Directory.Move(Path.Combine(_folder.Path, "models", "names", "1"), Path.Combine(_folder.Path, "staging", "deleted-0123"));
        await using var host = await ServiceHost.StartAsync(root: _folder.Path);
        await host.GetAsync($"{Models}/names", 404);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "staging")));
        Assert.Equal(2, (int)(await host.TrainAsync(TinyJobs.LanguageModel("names")))["result"]!["version"]!);
    }

    [Fact]
    public async Task A_folder_without_a_manifest_is_never_listed_and_its_number_never_given()
    {
        await TrainAsync();
        string half = Path.Combine(_folder.Path, "models", "names", "2");
        Directory.CreateDirectory(half);
        await File.WriteAllTextAsync(Path.Combine(half, "weights.safetensors"), "half");
        await using var host = await ServiceHost.StartAsync(root: _folder.Path);
        var model = await host.GetAsync($"{Models}/names");
        Assert.Equal(1, (int)model["versions"]!.AsArray().Single()!["version"]!);
        Assert.Equal(1, (int)model["aliases"]!["latest"]!);
        await host.GetAsync($"{Models}/names/versions/2", 404);
        Assert.Equal(3, (int)(await host.TrainAsync(TinyJobs.LanguageModel("names")))["result"]!["version"]!);
    }

    [Fact]
    public async Task An_alias_of_a_version_that_is_gone_goes_too()
    {
        await using (var host = await ServiceHost.StartAsync(root: _folder.Path))
        {
            await host.TrainAsync(TinyJobs.LanguageModel("names"));
            await host.TrainAsync(TinyJobs.LanguageModel("names"));
            await host.PutAsync($"{Models}/names/aliases/old", """{ "version": 1 }""");
            await host.PutAsync($"{Models}/names/aliases/new", """{ "version": 2 }""");
        }

        Directory.Delete(Path.Combine(_folder.Path, "models", "names", "1"), recursive: true);
        await using var again = await ServiceHost.StartAsync(root: _folder.Path);
        Assert.Equal("""{"latest":2,"new":2}""", (await again.GetAsync($"{Models}/names"))["aliases"]!.ToJsonString());
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task<string> TrainAsync()
    {
        await using var host = await ServiceHost.StartAsync(root: _folder.Path);
        return (string)(await host.TrainAsync(TinyJobs.LanguageModel("names")))["id"]!;
    }

    /// <summary>Puts the database back to a moment before: without the versions' rows, with the job still running.</summary>
    private void Forget(bool rows, bool job)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "service.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = (rows ? "DELETE FROM ModelVersions; DELETE FROM Models;" : "")
            + (job ? "UPDATE TrainingJobs SET Status = 'Running', ResultJson = NULL, FinishedAt = NULL;" : "");
        Assert.True(command.ExecuteNonQuery() > 0);
    }
}
