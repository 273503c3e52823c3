using System.Text.Json;

namespace SequenceModels.Tests.Fixtures;

/// <summary>
/// Reference numbers computed by another implementation, as JSON files of one schema: <c>meta</c> and a list of <c>cases</c>.
/// They are read from the folder in the environment variable RNN_GOLDEN, or from our own copy if that is unset. Tests go over
/// every case of a kind and read shapes and settings from it, so that another folder of the same schema can be tried.
/// </summary>
internal static class GoldenFixtures
{
    private static readonly Lazy<IReadOnlyDictionary<string, GoldenCase>> s_cases = new(ReadAll);

    /// <summary>Where the fixtures lie.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable("RNN_GOLDEN") is { Length: > 0 } folder ? folder : Path.Combine(AppContext.BaseDirectory, "Fixtures", "golden");

    /// <summary>The case of a key that <see cref="Keys"/> gave.</summary>
    public static GoldenCase Case(string key) => s_cases.Value[key];

    /// <summary>The cases of a file of our own, whatever RNN_GOLDEN says.</summary>
    public static IReadOnlyList<GoldenCase> Own(string file) => ReadFile(Path.Combine(AppContext.BaseDirectory, "Fixtures", file)) ?? throw new InvalidDataException($"'{file}' holds no cases.");

    /// <summary>Keys of all cases of a kind (the file's <c>meta.name</c>), for a theory's MemberData.</summary>
    /// <param name="kind">For example <c>seq_lstm</c>.</param>
    /// <param name="filter">Which cases the test is about, by what they hold and never by name; <c>null</c>: all.</param>
    /// <exception cref="InvalidDataException">There is none: a kind that is missing must fail, not pass unseen.</exception>
    public static TheoryData<string> Keys(string kind, Func<GoldenCase, bool>? filter = null) => new(List(kind, filter));

    /// <summary>The same as a list, for theories with more parameters.</summary>
    public static string[] List(string kind, Func<GoldenCase, bool>? filter = null)
    {
        string[] keys = [.. s_cases.Value.Where(c => c.Value.Kind == kind && (filter is null || filter(c.Value))).Select(c => c.Key)];
        return keys.Length > 0
            ? keys
            : throw new InvalidDataException($"There is no golden case of the kind '{kind}' that this test is about in '{Folder}'.");
    }

    private static Dictionary<string, GoldenCase> ReadAll()
    {
        var all = new Dictionary<string, GoldenCase>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            string file = Path.GetFileNameWithoutExtension(path);
            foreach (var (index, golden) in (ReadFile(path) ?? []).Index())
                all.Add($"{file}[{index}] {golden.Name}", golden);
        }

        return all;
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
            siblings.Add(new GoldenCase(kind, kept, element.Clone(), siblings));
        return siblings;
    }
}
