using System.Globalization;
using RnnService.Api.Storage;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Keeps the last checkpoints of jobs that have not ended: <c>checkpoints/{job}/{number}.safetensors</c>. A job without one begins anew, with the same result.</summary>
public sealed class JobCheckpoints(DataDirectory data, ILogger<JobCheckpoints> logger)
{
    /// <summary>Checkpoints of a job that are kept: the newest, and the one before in case the newest is damaged.</summary>
    private const int Kept = 2;

    private const string Suffix = ".safetensors";

    /// <summary>Writes a checkpoint. False, and the ones before are kept, where the disk does not take it: the job can do without.</summary>
    public bool TryWrite(string jobId, Action<Stream> write)
    {
        string folder = data.CheckpointsOf(jobId);
        try
        {
            data.Files.CreateFolder(folder);
            long number = Numbers(folder).DefaultIfEmpty(0).Max() + 1;
            // On the training thread, which has nothing else to do until the checkpoint is written.
            data.Files.WriteAsync(PathOf(folder, number), stream =>
            {
                write(stream);
                return Task.CompletedTask;
            }).GetAwaiter().GetResult();
            foreach (long old in Numbers(folder).Where(old => old <= number - Kept))
                data.Files.DeleteFile(PathOf(folder, old));
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(fault, "A checkpoint of job {JobId} could not be written; those before it are kept", jobId);
            return false;
        }
    }

    /// <summary>Opens the newest checkpoint that is whole; damaged ones are reported and removed. <c>null</c>: there is none.</summary>
    public OpenCheckpoint? OpenNewestOrNull(string jobId)
    {
        string folder = data.CheckpointsOf(jobId);
        foreach (long number in Numbers(folder).OrderDescending())
        {
            var stream = new FileStream(PathOf(folder, number), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            try
            {
                return new OpenCheckpoint(stream, TrainingCheckpoint.Read(stream));
            }
            catch (TrainingCheckpointException damage)
            {
                stream.Dispose();
                logger.LogWarning("Checkpoint {Number} of job {JobId} cannot be used, and the one before it is: {Reason}", number, jobId, damage.Message);
                data.Files.DeleteFile(PathOf(folder, number));
            }
        }

        return null;
    }

    /// <summary>Removes the checkpoints of a job that has ended, or that begins anew.</summary>
    public void Delete(string jobId)
    {
        string folder = data.CheckpointsOf(jobId);
        try
        {
            if (Directory.Exists(folder))
                data.Files.DeleteFolder(folder, data.NewStagingPath("checkpoints"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(fault, "The checkpoints of job {JobId} could not be removed; the next start will do so", jobId);
        }
    }

    /// <summary>The jobs that have checkpoints.</summary>
    public IReadOnlyList<string> Jobs() => [.. Directory.EnumerateDirectories(data.Checkpoints).Select(path => Path.GetFileName(path)).Where(ResourceName.IsValid)];

    private static IReadOnlyList<long> Numbers(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateFiles(folder, "*" + Suffix)
            .Select(path => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1)
            .Where(number => number >= 0),
    ];

    private static string PathOf(string folder, long number) => Path.Combine(folder, number.ToString(CultureInfo.InvariantCulture) + Suffix);
}

/// <summary>A checkpoint and the file that it is read from.</summary>
public sealed class OpenCheckpoint(FileStream file, TrainingCheckpoint content) : IDisposable
{
    /// <summary>Where the run stood.</summary>
    public TrainingCheckpoint Content => content;

    public void Dispose() => file.Dispose();
}
