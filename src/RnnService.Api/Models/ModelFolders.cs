using System.Globalization;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>
/// Where versions lie: <c>models/{name}/{version}/</c>. Folders reach their final name, and leave it, by one rename each; what a crash leaves
/// behind lies in staging, never among the versions.
/// </summary>
public sealed class ModelFolders(DataDirectory data)
{
    /// <summary>Begins with a dot, as no model name can.</summary>
    private const string NumbersFolder = ".numbers";

    private string Numbers => Path.Combine(data.Models, NumbersFolder);

    public VersionFolder Version(string model, int version) => new(data.ModelVersion(model, version));

    /// <summary>Names of the model folders, in ordinal order.</summary>
    public IReadOnlyList<string> ListModels() => ListModels(data.Models);

    /// <summary>Numbers of a model's version folders, ascending.</summary>
    public IReadOnlyList<int> ListVersions(string model) => ListNumbers(data.Model(model));

    /// <summary>All version folders below a folder of models, of a service that may be running.</summary>
    public static IEnumerable<(string Model, int Version, VersionFolder Folder)> ListAll(string models) =>
        from model in ListModels(models)
        from number in ListNumbers(Path.Combine(models, model))
        select (model, number, new VersionFolder(Path.Combine(models, model, number.ToString(CultureInfo.InvariantCulture))));

    private static IReadOnlyList<string> ListModels(string models) =>
        [.. Directory.EnumerateDirectories(models).Select(path => Path.GetFileName(path)).Where(ResourceName.IsValid).Order(StringComparer.Ordinal)];

    private static IReadOnlyList<int> ListNumbers(string model) =>
        Directory.Exists(model)
            ? [.. Directory.EnumerateDirectories(model).Select(path => ModelReference.ParseVersionOrNull(Path.GetFileName(path))).OfType<int>().Order()]
            : [];

    /// <summary>Makes an empty folder to write a version into.</summary>
    public string CreateStaging() => data.NewStagingFolder("version");

    /// <summary>Makes a file in such a folder.</summary>
    public Stream CreateStagedFile(string staging, string name) => data.Files.CreateStaged(Path.Combine(staging, name));

    /// <summary>Removes such a folder, if it is there.</summary>
    public static void DiscardStaging(string staging)
    {
        if (Directory.Exists(staging))
            Directory.Delete(staging, recursive: true);
    }

    /// <summary>Flushes a staged folder and gives it its final name.</summary>
    public void Publish(string staging, string model, int version)
    {
        if (!data.Files.TryPublishFolder(staging, data.ModelVersion(model, version)))
            throw new IOException($"Version {version} of model {model} exists already.");
    }

    /// <summary>Deletes a version: out of sight by one rename, then at leisure.</summary>
    public void Delete(string model, int version) => DeleteFolder(data.ModelVersion(model, version));

    /// <summary>Deletes a model with all its versions in the same way.</summary>
    public void Delete(string model) => DeleteFolder(data.Model(model));

    /// <summary>Removes the model's folder if nothing is left in it.</summary>
    public void RemoveIfEmpty(string model)
    {
        if (Directory.Exists(data.Model(model)) && !Directory.EnumerateFileSystemEntries(data.Model(model)).Any())
            Directory.Delete(data.Model(model));
    }

    /// <summary>The highest number given, as far as the model's file knows; 0 when there is no such file.</summary>
    public int ReadLastVersion(string model)
    {
        string path = data.Inside(Numbers, model);
        return File.Exists(path) && int.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>Notes the highest number given, so that it survives the versions and the database.</summary>
    public async Task WriteLastVersionAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (ReadLastVersion(model) >= version)
            return;
        data.Files.CreateFolder(Numbers);
        byte[] content = System.Text.Encoding.ASCII.GetBytes(version.ToString(CultureInfo.InvariantCulture) + "\n");
        await data.Files.WriteAsync(data.Inside(Numbers, model), content, cancellationToken);
    }

    /// <summary>Names of the models whose highest numbers are noted.</summary>
    public IReadOnlyList<string> ListNumbered() =>
        Directory.Exists(Numbers) ? [.. Directory.EnumerateFiles(Numbers).Select(path => Path.GetFileName(path)).Where(ResourceName.IsValid)] : [];

    private void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
            data.Files.DeleteFolder(path, data.NewStagingPath("deleted"));
    }
}
