using System.Globalization;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>
/// Where versions lie: <c>models/{name}/{version}/</c>. Folders reach their final name, and leave it, by one rename each; what a crash leaves
/// behind lies among the staging folders, never among the versions.
/// </summary>
public sealed class ModelFolders(DataDirectory data)
{
    private const string StagingPrefix = "version-";
    private const string TrashPrefix = "deleted-";

    /// <summary>Begins with a dot, as no model name can.</summary>
    private const string NumbersFolder = ".numbers";

    public VersionFolder Version(string model, int version) => new(Path.Combine(ModelPath(model), Number(version)));

    /// <summary>Names of the model folders, in ordinal order.</summary>
    public IReadOnlyList<string> ListModels() =>
        [.. Directory.EnumerateDirectories(data.Models).Select(Path.GetFileName).OfType<string>().Where(ResourceName.IsValid).Order(StringComparer.Ordinal)];

    /// <summary>Numbers of a model's version folders, ascending.</summary>
    public IReadOnlyList<int> ListVersions(string model) =>
        Directory.Exists(ModelPath(model))
            ? [.. Directory.EnumerateDirectories(ModelPath(model)).Select(path => ModelReference.ParseVersionOrNull(Path.GetFileName(path))).OfType<int>().Order()]
            : [];

    /// <summary>Makes an empty folder to write a version into.</summary>
    public string CreateStaging()
    {
        string path = Path.Combine(data.Staging, StagingPrefix + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Gives a staged folder its final name; all its files are on disk already.</summary>
    public void Publish(string staging, string model, int version)
    {
        Directory.CreateDirectory(ModelPath(model));
        AtomicFile.PublishFolder(staging, Version(model, version).Path);
    }

    /// <summary>Takes a version out of sight by one rename; <see cref="Discard"/> then removes it at leisure.</summary>
    public string? TakeAway(string model, int version) => TakeAway(Version(model, version).Path);

    /// <summary>Takes a model with all its versions out of sight by one rename.</summary>
    public string? TakeAway(string model) => TakeAway(ModelPath(model));

    /// <summary>Removes what <see cref="TakeAway(string)"/> left.</summary>
    public static void Discard(string? taken)
    {
        if (taken is not null)
            Directory.Delete(taken, recursive: true);
    }

    /// <summary>Removes the model's folder if no version is left in it.</summary>
    public void RemoveIfEmpty(string model)
    {
        if (Directory.Exists(ModelPath(model)) && !Directory.EnumerateFileSystemEntries(ModelPath(model)).Any())
            Directory.Delete(ModelPath(model));
    }

    /// <summary>The highest number given so far as far as the model's file knows; 0 when there is no such file.</summary>
    public int ReadLastVersion(string model)
    {
        string path = NumberPath(model);
        return File.Exists(path) && int.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>Notes the highest number given so far, so that it survives the versions and the database.</summary>
    public async Task WriteLastVersionAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (ReadLastVersion(model) >= version)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(NumberPath(model))!);
        await AtomicFile.WriteAllTextAsync(NumberPath(model), Number(version) + "\n", cancellationToken);
    }

    /// <summary>Names of the models whose numbers are noted.</summary>
    public IReadOnlyList<string> ListNumbered() =>
        Directory.Exists(Path.Combine(data.Models, NumbersFolder))
            ? [.. Directory.EnumerateFiles(Path.Combine(data.Models, NumbersFolder)).Select(Path.GetFileName).OfType<string>().Where(ResourceName.IsValid)]
            : [];

    /// <summary>Removes half-written versions and finishes deletions that a crash cut short; returns what was found.</summary>
    public IReadOnlyList<string> Sweep()
    {
        var swept = new List<string>();
        foreach (string path in Directory.EnumerateDirectories(data.Staging).ToList())
        {
            string name = Path.GetFileName(path);
            if (!name.StartsWith(StagingPrefix, StringComparison.Ordinal) && !name.StartsWith(TrashPrefix, StringComparison.Ordinal))
                continue;
            Directory.Delete(path, recursive: true);
            swept.Add(name);
        }

        return swept;
    }

    private string? TakeAway(string path)
    {
        if (!Directory.Exists(path))
            return null;
        string taken = Path.Combine(data.Staging, TrashPrefix + Guid.NewGuid().ToString("N"));
        AtomicFile.PublishFolder(path, taken);
        return taken;
    }

    private string ModelPath(string model) => data.ModelPath(model);

    private string NumberPath(string model) => Path.Combine(data.Models, NumbersFolder, Path.GetFileName(data.ModelPath(model)));

    private static string Number(int version) => version.ToString(CultureInfo.InvariantCulture);
}
