using RnnService.Api.Storage;

namespace RnnService.Api.Datasets;

/// <summary>Temporary files of checks. They lie in staging, so nothing of them outlives a crash, and leave the disk the room of <see cref="StorageOptions.MinFreeBytes"/>.</summary>
internal sealed class ScratchFiles(SpaceGuard space, ILogger<ScratchFiles> logger)
{
    /// <summary>Opens a new file that is deleted when it is disposed.</summary>
    /// <exception cref="IOException">The file cannot be made, or the disk has too little room; so has each writing to it.</exception>
    public Stream Open(string folder)
    {
        Check();
        return new ScratchFile(Path.Combine(folder, "texts"), Check);
    }

    private void Check()
    {
        if (space.ShortageOrNull() is not { } shortage) return;
        logger.LogWarning("A check of a dataset goes on without its temporary file: {Shortage}", shortage);
        throw new IOException(shortage);
    }

    private sealed class ScratchFile(string path, Action check)
        : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose)
    {
        private const int CheckEveryBytes = 4 << 20;

        private int _written;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _written += buffer.Length;
            if (_written >= CheckEveryBytes)
            {
                check();
                _written = 0;
            }

            base.Write(buffer);
        }
    }
}
