using System.Text.Json;

namespace SequenceModels.Tests.Fixtures;

/// <summary>
/// Reference numbers computed by another implementation, as JSON files of one schema: <c>meta</c> and a list of <c>cases</c>.
/// They are read from the folder in the environment variable RNN_GOLDEN, or from our own copy if that is unset. Tests go over
/// every case of a kind and read shapes and settings from it, so that another folder of the same schema can be tried.
/// What such a folder has nothing of is taken from our own copy: no test is ever without a case.
/// </summary>
internal static class GoldenFixtures
{
    private static readonly string s_own = Path.Combine(AppContext.BaseDirectory, "Fixtures", "golden");
    private static readonly Lazy<IReadOnlyDictionary<string, GoldenCase>> s_cases = new(ReadAll);

    /// <summary>The case of a key that <see cref="Keys"/> gave.</summary>
    public static GoldenCase Case(string key) => s_cases.Value[key];

    /// <summary>The cases of a file of our own, whatever RNN_GOLDEN says.</summary>
    public static IReadOnlyList<GoldenCase> Own(string file) => ReadFile(Path.Combine(AppContext.BaseDirectory, "Fixtures", file)) ?? throw new InvalidDataException($"'{file}' holds no cases.");

    /// <summary>Keys of all cases of a kind (the file's <c>meta.name</c>), for a theory's MemberData.</summary>
    /// <param name="kind">For example <c>seq_lstm</c>.</param>
    /// <param name="filter">Which cases the test is about, by what they hold and never by name; <c>null</c>: all.</param>
    /// <exception cref="InvalidDataException">There is none, not even in our own copy.</exception>
    public static TheoryData<string> Keys(string kind, Func<GoldenCase, bool>? filter = null) => new(List(kind, filter));

    /// <summary>The same as a list, for theories with more parameters.</summary>
    public static string[] List(string kind, Func<GoldenCase, bool>? filter = null)
    {
        var matching = s_cases.Value.Where(c => c.Value.Kind == kind && (filter is null || filter(c.Value))).ToLookup(c => c.Value.Folder == s_own, c => c.Key);
        string[] keys = [.. matching[false]];
        if (keys.Length == 0)
            keys = [.. matching[true]];
        return keys.Length > 0 ? keys : throw new InvalidDataException($"There is no golden case of the kind '{kind}' that this test is about.");
    }

    private static Dictionary<string, GoldenCase> ReadAll()
    {
        var all = new Dictionary<string, GoldenCase>(StringComparer.Ordinal);
        AddFolder(s_own, "own ", all);
        if (Environment.GetEnvironmentVariable("RNN_GOLDEN") is { Length: > 0 } folder && AddFolder(Path.GetFullPath(folder), "", all) == 0)
            throw new InvalidDataException($"RNN_GOLDEN names '{folder}', where there are no golden cases.");
        return all;
    }

    private static int AddFolder(string folder, string prefix, Dictionary<string, GoldenCase> all)
    {
        int before = all.Count;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            string file = Path.GetFileNameWithoutExtension(path);
            foreach (var (index, golden) in (ReadFile(path) ?? []).Index())
                all.Add($"{prefix}{file}[{index}] {golden.Name}", golden);
        }

        return all.Count - before;
    }

    // A manifest or the like may lie beside the fixtures: it has no cases.
    private static List<GoldenCase>? ReadFile(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("cases", out var cases) || !document.RootElement.TryGetProperty("meta", out var meta))
            return null;
        string kind = meta.TryGetProperty("name", out var name) ? name.GetString()! : Path.GetFileNameWithoutExtension(path);
        var kept = meta.Clone();
        var siblings = new List<GoldenCase>();
        foreach (var element in cases.EnumerateArray())
            siblings.Add(new GoldenCase(Path.GetDirectoryName(path)!, kind, kept, element.Clone(), siblings));
        return siblings;
    }
}
