using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Datasets;
using SequenceModels.Data;

namespace RnnService.Api.Tests.Datasets;

public sealed class DatasetStoreTests
{
    [Fact]
    public async Task Content_within_a_request_is_kept_under_a_name_that_follows_from_it()
    {
        await using var host = await ServiceHost.StartAsync();
        var store = host.Services.GetRequiredService<DatasetStore>();

        using var text = await store.KeepInlineAsync(InlineContent.OfText("one\ntwo"), CancellationToken.None);
        using var lines = await store.KeepInlineAsync(InlineContent.OfLines(["one", "two"]), CancellationToken.None);
        using var examples = await store.KeepInlineAsync(InlineContent.OfExamples([new("a \"b\"\n", "x"), new("é😀", "y")]), CancellationToken.None);
        using var again = await store.KeepInlineAsync(InlineContent.OfLines(["one", "two"]), CancellationToken.None);

        Assert.Equal([KeepStatus.Created, KeepStatus.Created, KeepStatus.Created, KeepStatus.Same], new[] { text, lines, examples, again }.Select(outcome => outcome.Status));
        Assert.Equal(lines.Dataset!.Name, again.Dataset!.Name);
        Assert.StartsWith("inline-lines-", lines.Dataset.Name, StringComparison.Ordinal);
        Assert.Equal(5, (await host.NamesAsync()).Length);

        Assert.Equal("one\ntwo", Assert.IsType<TrainingData.ContinuousText>(await Read(store, text)).Text);
        Assert.Equal(["one", "two"], Assert.IsType<TrainingData.Lines>(await Read(store, lines)).Items);
        Assert.Equal([new("a \"b\"\n", "x"), new("é😀", "y")], Assert.IsType<TrainingData.Labelled>(await Read(store, examples)).Items);
    }

    [Fact]
    public async Task Content_within_a_request_has_faults_by_its_items()
    {
        await using var host = await ServiceHost.StartAsync();
        var store = host.Services.GetRequiredService<DatasetStore>();
        await AssertFaultsAsync(store, InlineContent.OfLines(["one", "", "two\nthree", "\ud800"]), "2 emptyText", "3 lineBreak", "4 invalidEncoding");
        await AssertFaultsAsync(store, InlineContent.OfLines(["one", "two\0"]), "2 nulCharacter");
        await AssertFaultsAsync(store, InlineContent.OfExamples([new("a", "x"), new("", "x"), new("b", " ")]), "2 emptyText", "3 emptyLabel");
        await AssertFaultsAsync(store, InlineContent.OfExamples([new("a", "x\ud800")]), "1 invalidEncoding");
        await AssertFaultsAsync(store, InlineContent.OfText("  "), "1 noData");
        DatasetRequests.AssertNothingIsKept(host.Root);
    }

    [Fact]
    public async Task A_content_is_found_by_its_hash_whatever_becomes_of_names()
    {
        await using var host = await ServiceHost.StartAsync();
        var store = host.Services.GetRequiredService<DatasetStore>();
        await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines);
        await host.UploadAsync("name=twin&format=lines", DatasetRequests.Lines);
        await host.DeleteAsync("/api/v1/datasets/mine");
        await host.UploadAsync("name=mine&format=lines", "other\n");
        var data = await store.ReadAsync(DatasetRequests.Sha256(DatasetRequests.Lines), new DatasetOptions(DatasetFormat.Lines), CancellationToken.None);
        Assert.Equal(["one", "two", "three"], Assert.IsType<TrainingData.Lines>(data).Items);
    }

    [Fact]
    public async Task Content_that_changed_on_disk_is_refused()
    {
        await using var host = await ServiceHost.StartAsync();
        var store = host.Services.GetRequiredService<DatasetStore>();
        var sha256 = (string)(await host.UploadAsync("name=mine&format=lines", DatasetRequests.Lines))["sha256"]!;
        var path = Path.Combine(host.Root, "datasets", sha256, "content");
        await File.WriteAllTextAsync(path, DatasetRequests.Lines.Replace('t', 'x'));
        var damage = await Assert.ThrowsAsync<InvalidDataException>(() => store.ReadAsync(sha256, new DatasetOptions(DatasetFormat.Lines), CancellationToken.None));
        Assert.Contains(sha256, damage.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => store.ReadAsync(new string('0', 64), new DatasetOptions(DatasetFormat.Lines), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReadAsync("../../etc/passwd", new DatasetOptions(DatasetFormat.Lines), CancellationToken.None));
    }

    private static Task<TrainingData> Read(DatasetStore store, KeepOutcome outcome) =>
        store.ReadAsync(outcome.Dataset!.Sha256, outcome.Dataset.Options, CancellationToken.None);

    private static async Task AssertFaultsAsync(DatasetStore store, InlineContent content, params string[] faults)
    {
        using var outcome = await store.KeepInlineAsync(content, CancellationToken.None);
        Assert.Equal(KeepStatus.Faulty, outcome.Status);
        Assert.Null(outcome.Dataset);
        Assert.Equal(faults, outcome.Faults.Select(fault => $"{fault.Line} {fault.Code}"));
        Assert.Equal(faults.Length, outcome.FaultCount);
    }
}
