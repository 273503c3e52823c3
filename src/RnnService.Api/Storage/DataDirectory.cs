using Microsoft.Extensions.Options;

namespace RnnService.Api.Storage;

/// <summary>
/// The folder that holds everything the service keeps. It belongs to one process at a time: a lock, released by the system even when the
/// process is killed, keeps others out. Paths are made here alone, from names that cannot leave the folder.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    /// <summary>Opens the folder, making it if need be.</summary>
    /// <exception cref="StartupRefusedException">The folder cannot be made or written to, or another process has it.</exception>
    public DataDirectory(IOptions<StorageOptions> options, AtomicFiles files)
    {
        Files = files;
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Value.Root));
        try
        {
            foreach (var folder in new[] { Root, Datasets, Models, Checkpoints, Staging }) Files.CreateFolder(folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StartupRefusedException($"The data folder {Root} cannot be written to: {cause.Message} Set Storage:Root (environment: Storage__Root) to a folder that this user may write to.", cause);
        }

        _lock = Lock();
    }

    /// <summary>The folder, absolute, without a separator at its end.</summary>
    public string Root { get; }

    /// <summary>The way in which files and folders are written and deleted here.</summary>
    public AtomicFiles Files { get; }

    /// <summary>Contents of datasets, by their hash.</summary>
    public string Datasets => Path.Combine(Root, "datasets");

    /// <summary>One folder a model, in it one folder a version.</summary>
    public string Models => Path.Combine(Root, "models");

    /// <summary>One folder a training job that has not ended, in it its last checkpoints.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>What is being written or deleted. Emptied at start: nothing here is ever needed after a crash.</summary>
    public string Staging => Path.Combine(Root, "staging");

    /// <summary>The database of jobs, events, aliases and indexes.</summary>
    public string Database => Path.Combine(Root, "service.db");

    /// <summary>The folder of one model.</summary>
    public string Model(string name) => Inside(Models, name);

    /// <summary>The folder of one model version.</summary>
    public string ModelVersion(string name, int version)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(version);
        return Path.Combine(Model(name), version.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The folder of a job's checkpoints.</summary>
    public string CheckpointsOf(string jobId) => Inside(Checkpoints, jobId);

    /// <summary>The path of <paramref name="name"/> in <paramref name="folder"/>, which must lie in the data folder.</summary>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no <see cref="ResourceName"/> or the folder lies outside.</exception>
    public string Inside(string folder, string name)
    {
        if (!ResourceName.IsValid(name)) throw new ArgumentException($"\"{name}\" {ResourceName.Rule}.", nameof(name));
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (!path.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new ArgumentException($"{path} lies outside of the data folder.", nameof(folder));
        return path;
    }

    /// <summary>A new name in the staging folder; nothing is made.</summary>
    public string NewStagingPath(string purpose) => Path.Combine(Staging, $"{purpose}-{Guid.NewGuid():N}");

    /// <summary>Makes a new folder in the staging folder.</summary>
    public string NewStagingFolder(string purpose) => Directory.CreateDirectory(NewStagingPath(purpose)).FullName;

    /// <summary>Lets other processes use the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private FileStream Lock()
    {
        var path = Path.Combine(Root, "service.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new StartupRefusedException($"The data folder {Root} cannot be written to: {cause.Message}", cause);
        }
        catch (IOException cause)
        {
            throw new StartupRefusedException($"The data folder {Root} is in use by another process of this service ({path} is locked). Stop that one or set Storage:Root to another folder.", cause);
        }
    }
}
