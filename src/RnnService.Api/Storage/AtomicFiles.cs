namespace RnnService.Api.Storage;

/// <summary>
/// The one way in which files and folders reach or leave their final names. What is seen under a final name is whole and on disk, whatever
/// moment the process or the machine stops at: written under another name, flushed, renamed, and the folder's own list of names flushed.
/// </summary>
public sealed class AtomicFiles(IFileOperations operations)
{
    private const string TemporarySuffix = ".tmp";

    /// <summary>Whether a file is the leftover of a write that never ended.</summary>
    public static bool IsLeftover(string path) => Path.GetFileName(path) is ['.', ..] name && name.EndsWith(TemporarySuffix, StringComparison.Ordinal);

    /// <summary>Makes a new file where nothing has a final name yet: in a folder that is still to be published.</summary>
    public Stream CreateStaged(string path) => operations.CreateFile(path);

    /// <summary>Writes a file, replacing one of that name. Where <paramref name="write"/> fails, nothing is changed and nothing is left.</summary>
    public async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken cancellationToken = default)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            await using (var stream = operations.CreateFile(temporary))
            {
                await write(stream);
                await stream.FlushAsync(cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                operations.Flush(stream);
            }

            operations.MoveFile(temporary, path);
        }
        catch
        {
            operations.DeleteFile(temporary);
            throw;
        }

        operations.FlushFolder(folder);
    }

    /// <summary>Writes a file of the given bytes, replacing one of that name.</summary>
    public Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        WriteAsync(path, stream => stream.WriteAsync(content, cancellationToken).AsTask(), cancellationToken);

    /// <summary>Moves a file that was written in staging to its final name, replacing one of that name. Both must lie on one file system.</summary>
    public void PublishFile(string staged, string path)
    {
        operations.FlushFile(staged);
        operations.MoveFile(staged, path);
        operations.FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Moves a folder with all that was written into it to its final name. False, and nothing is changed, where that name exists.</summary>
    public bool TryPublishFolder(string staged, string path)
    {
        if (Directory.Exists(path)) return false;
        foreach (var file in Directory.EnumerateFiles(staged, "*", SearchOption.AllDirectories)) operations.FlushFile(file);
        foreach (var folder in Directory.EnumerateDirectories(staged, "*", SearchOption.AllDirectories)) operations.FlushFolder(folder);
        operations.FlushFolder(staged);

        var parent = Path.GetDirectoryName(path)!;
        CreateFolder(parent);
        operations.MoveFolder(staged, path);
        operations.FlushFolder(parent);
        return true;
    }

    /// <summary>Deletes a folder so that a crash leaves all of it or nothing under its name: it is first renamed to <paramref name="trash"/>, a free name in staging.</summary>
    public void DeleteFolder(string path, string trash)
    {
        operations.MoveFolder(path, trash);
        operations.FlushFolder(Path.GetDirectoryName(path)!);
        operations.DeleteFolder(trash);
    }

    /// <summary>Deletes a file for good: its name does not come back after a crash.</summary>
    public void DeleteFile(string path)
    {
        operations.DeleteFile(path);
        operations.FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a folder, and those above it, so that they outlive a crash.</summary>
    public void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null) CreateFolder(parent);
        operations.CreateFolder(path);
        if (parent is not null) operations.FlushFolder(parent);
    }
}
