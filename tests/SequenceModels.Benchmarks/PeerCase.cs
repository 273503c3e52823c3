using System.Text.Json;

namespace SequenceModels.Benchmarks;

/// <summary>One case of a cases file: <c>{ "train": [{ "case": "...", "vocab": 27, ... }], ... }</c>.</summary>
internal sealed record PeerCase(string Kind, string Name, JsonElement Sizes)
{
    /// <summary>A size by name.</summary>
    public int this[string size] => Sizes.GetProperty(size).GetInt32();

    /// <summary>The cases of a kind, or the one named <c>KIND:CASE</c>. What follows a hyphen in a kind says how its cases are done: <c>sample-int8</c> does those of <c>sample</c>.</summary>
    public static IReadOnlyList<PeerCase> Read(string file, string selection)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        string[] parts = selection.Split(':');
        if (!document.RootElement.TryGetProperty(parts[0].Split('-')[0], out var section))
            throw new ArgumentException($"{file} has no cases of kind '{parts[0]}'.");
        var cases = section.EnumerateArray()
            .Select(element => new PeerCase(parts[0], element.GetProperty("case").GetString()!, element.Clone()))
            .Where(item => parts.Length == 1 || item.Name == parts[1])
            .ToList();
        return cases.Count > 0 ? cases : throw new ArgumentException($"There is no case '{selection}' in {file}.");
    }
}
