namespace RnnService.Api.Storage;

/// <summary>The file system's own operations.</summary>
public sealed class FileOperations : IFileOperations
{
    /// <inheritdoc/>
    public Stream CreateFile(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous);

    /// <inheritdoc/>
    public void Flush(Stream file) => ((FileStream)file).Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void FlushFile(string path) => DiskFlush.File(path);

    /// <inheritdoc/>
    public void FlushFolder(string path) => DiskFlush.Folder(path);

    /// <inheritdoc/>
    public void MoveFile(string path, string target) => File.Move(path, target, overwrite: true);

    /// <inheritdoc/>
    public void MoveFolder(string path, string target) => Directory.Move(path, target);

    /// <inheritdoc/>
    public void DeleteFile(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void DeleteFolder(string path) => Directory.Delete(path, recursive: true);

    /// <inheritdoc/>
    public void CreateFolder(string path) => Directory.CreateDirectory(path);
}
