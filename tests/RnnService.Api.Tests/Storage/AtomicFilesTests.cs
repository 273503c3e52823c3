using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Storage;

public sealed class AtomicFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AtomicFiles _files = new(new FileOperations());

    [Fact]
    public async Task A_file_appears_whole_and_replaces_the_one_before()
    {
        await _files.WriteAsync(_folder["a"], "first"u8.ToArray());
        await _files.WriteAsync(_folder["a"], async stream =>
        {
            await stream.WriteAsync("sec"u8.ToArray());
            await stream.FlushAsync();
            Assert.Equal("first", await File.ReadAllTextAsync(_folder["a"]));
            await stream.WriteAsync("ond"u8.ToArray());
        });
        Assert.Equal("second", await File.ReadAllTextAsync(_folder["a"]));
        Assert.Equal([_folder["a"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_write_that_fails_or_is_cancelled_changes_and_leaves_nothing()
    {
        await _files.WriteAsync(_folder["a"], "first"u8.ToArray());
        await Assert.ThrowsAsync<InvalidOperationException>(() => _files.WriteAsync(_folder["a"], async stream =>
        {
            await stream.WriteAsync("second"u8.ToArray());
            throw new InvalidOperationException();
        }));
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _files.WriteAsync(_folder["a"], async stream =>
        {
            await stream.WriteAsync("second"u8.ToArray());
            await cancelled.CancelAsync();
        }, cancelled.Token));
        Assert.Equal("first", await File.ReadAllTextAsync(_folder["a"]));
        Assert.Equal([_folder["a"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task The_name_under_which_a_file_is_written_counts_as_a_leftover()
    {
        await _files.WriteAsync(_folder["a"], stream =>
        {
            var temporary = Assert.Single(Directory.GetFiles(_folder.Path));
            Assert.True(AtomicFiles.IsLeftover(temporary));
            return Task.CompletedTask;
        });
        Assert.False(AtomicFiles.IsLeftover(_folder["a"]));
    }

    [Fact]
    public async Task A_folder_is_published_once_with_all_its_contents()
    {
        var final = Path.Combine(_folder["models"], "m", "1");
        Assert.True(_files.TryPublishFolder(await StagedAsync("one"), final));
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(final, "inner", "file")));

        var second = await StagedAsync("two");
        Assert.False(_files.TryPublishFolder(second, final));
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(final, "inner", "file")));
        Assert.True(Directory.Exists(second));
    }

    [Fact]
    public async Task A_deleted_folder_leaves_nothing_under_either_name()
    {
        var folder = await StagedAsync("x");
        _files.DeleteFolder(folder, _folder["trash"]);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> StagedAsync(string content)
    {
        var staged = _folder["staged-" + content];
        Directory.CreateDirectory(Path.Combine(staged, "inner"));
        await File.WriteAllTextAsync(Path.Combine(staged, "inner", "file"), content);
        return staged;
    }
}
