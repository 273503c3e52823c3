namespace RnnService.Api.Storage;

/// <summary>Removes what writes and deletions left behind when the process stopped in the middle of them, and says so in the log.</summary>
internal sealed class StagingSweep(DataDirectory data, ILogger<StagingSweep> logger) : IStartupTask
{
    public StartupStage Stage => StartupStage.Sweep;

    public Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var leftover in Directory.EnumerateFileSystemEntries(data.Staging).ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Directory.Exists(leftover)) Directory.Delete(leftover, recursive: true);
            else File.Delete(leftover);
            logger.LogWarning("Removed {Leftover}, left unfinished when the service last stopped", Path.GetRelativePath(data.Root, leftover));
        }

        foreach (var leftover in Directory.EnumerateFiles(data.Root, ".*", SearchOption.AllDirectories).Where(AtomicFiles.IsLeftover).ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            File.Delete(leftover);
            logger.LogWarning("Removed {Leftover}, left unfinished when the service last stopped", Path.GetRelativePath(data.Root, leftover));
        }

        return Task.CompletedTask;
    }
}
