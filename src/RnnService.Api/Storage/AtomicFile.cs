namespace RnnService.Api.Storage;

/// <summary>
/// The one way in which files and folders reach or leave their final names. What is seen under a final name is whole and on disk, whatever
/// moment the process or the machine stops at: written under another name, flushed, renamed, and the folder's own list of names flushed.
/// </summary>
public static class AtomicFile
{
    private const string TemporarySuffix = ".tmp";

    /// <summary>Whether a file is the leftover of a write that never ended.</summary>
    public static bool IsLeftover(string path) => Path.GetFileName(path) is ['.', ..] name && name.EndsWith(TemporarySuffix, StringComparison.Ordinal);

    /// <summary>Writes a file, replacing one of that name. Where <paramref name="write"/> fails, nothing is changed and nothing is left.</summary>
    public static async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken cancellationToken = default)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous))
            {
                await write(stream);
                await stream.FlushAsync(cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        DiskFlush.Folder(folder);
    }

    /// <summary>Writes a file of the given bytes, replacing one of that name.</summary>
    public static Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        WriteAsync(path, stream => stream.WriteAsync(content, cancellationToken).AsTask(), cancellationToken);

    /// <summary>Moves a file that was written in staging to its final name, replacing one of that name. Both must lie on one file system.</summary>
    public static void PublishFile(string staged, string path)
    {
        DiskFlush.File(staged);
        File.Move(staged, path, overwrite: true);
        DiskFlush.Folder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Moves a folder with all that was written into it to its final name. False, and nothing is changed, where that name exists.</summary>
    public static bool TryPublishFolder(string staged, string path)
    {
        if (Directory.Exists(path)) return false;
        foreach (var file in Directory.EnumerateFiles(staged, "*", SearchOption.AllDirectories)) DiskFlush.File(file);
        foreach (var folder in Directory.EnumerateDirectories(staged, "*", SearchOption.AllDirectories)) DiskFlush.Folder(folder);
        DiskFlush.Folder(staged);

        var parent = Path.GetDirectoryName(path)!;
        CreateFolder(parent);
        Directory.Move(staged, path);
        DiskFlush.Folder(parent);
        return true;
    }

    /// <summary>Deletes a folder so that a crash leaves all of it or nothing under its name: it is first renamed to <paramref name="trash"/>, a free name in staging.</summary>
    public static void DeleteFolder(string path, string trash)
    {
        Directory.Move(path, trash);
        DiskFlush.Folder(Path.GetDirectoryName(path)!);
        Directory.Delete(trash, recursive: true);
    }

    /// <summary>Deletes a file for good: its name does not come back after a crash.</summary>
    public static void DeleteFile(string path)
    {
        File.Delete(path);
        DiskFlush.Folder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a folder, and those above it, so that they outlive a crash.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null) CreateFolder(parent);
        Directory.CreateDirectory(path);
        if (parent is not null) DiskFlush.Folder(parent);
    }
}
