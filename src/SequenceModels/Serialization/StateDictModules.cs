using SequenceModels.Tensors;

namespace SequenceModels.Serialization;

/// <summary>Finds a model's modules among those of a file by the tensors that they have.</summary>
internal static class StateDictModules
{
    /// <summary>The file's tensor of each parameter.</summary>
    /// <exception cref="SafetensorsException">A module is missing, lacks a tensor or has one too many, or several are equally good.</exception>
    public static IReadOnlyDictionary<string, string> Match(ParameterSet skeleton, SafetensorsHeader header)
    {
        var wanted = Modules(skeleton.Parameters.Select(parameter => (parameter.Name, parameter.Shape.Count)));
        var present = Modules(header.Tensors.Select(tensor => (tensor.Name, tensor.Shape.Count)));
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (module, members) in wanted)
        {
            if (FindOrNull(module, members, present) is { } match)
                found.Add(module, match);
        }

        foreach (var (module, members) in wanted.Where(entry => !found.ContainsKey(entry.Key)))
            throw WhyNone(module, members, present.Where(entry => !found.ContainsValue(entry.Key)));
        return skeleton.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => Join(found[ModuleOf(parameter.Name)], MemberOf(parameter.Name)), StringComparer.Ordinal);
    }

    /// <summary>Tensors of each module, in ordinal order; a member is a tensor's name in the module and the number of its dimensions.</summary>
    private static SortedDictionary<string, SortedDictionary<string, int>> Modules(IEnumerable<(string Name, int Dimensions)> tensors)
    {
        var modules = new SortedDictionary<string, SortedDictionary<string, int>>(StringComparer.Ordinal);
        foreach (var (name, dimensions) in tensors)
        {
            if (!modules.TryGetValue(ModuleOf(name), out var members))
                modules.Add(ModuleOf(name), members = new SortedDictionary<string, int>(StringComparer.Ordinal));
            members.Add(MemberOf(name), dimensions);
        }

        return modules;
    }

    private static string? FindOrNull(string module, SortedDictionary<string, int> members, SortedDictionary<string, SortedDictionary<string, int>> present)
    {
        string[] candidates = [.. present.Where(entry => entry.Value.SequenceEqual(members)).Select(entry => entry.Key)];
        if (candidates.Contains(module, StringComparer.Ordinal))
            return module;
        if (candidates.Length < 2)
            return candidates.FirstOrDefault();
        string first = Join(module, members.First().Key);
        throw new SafetensorsException(SafetensorsError.AmbiguousName, first,
            $"'{first}' could be read from {string.Join(" or ", candidates.Select(candidate => $"'{Join(candidate, members.First().Key)}'"))}; say which.");
    }

    /// <summary>What the module that comes nearest lacks or has too many.</summary>
    private static SafetensorsException WhyNone(string module, SortedDictionary<string, int> members, IEnumerable<KeyValuePair<string, SortedDictionary<string, int>>> left)
    {
        var (nearest, has) = left.Where(entry => entry.Value.Any(members.Contains)).OrderByDescending(entry => entry.Value.Count(members.Contains)).FirstOrDefault();
        string? missing = members.Where(member => has is null || !has.Contains(member)).Select(member => member.Key).FirstOrDefault();
        if (missing is null)
        {
            string extra = Join(nearest, has!.First(member => !members.Contains(member)).Key);
            return new SafetensorsException(SafetensorsError.UnexpectedTensor, extra, $"Tensor '{extra}' is not one of the model's.");
        }

        string parameter = Join(module, missing);
        return new SafetensorsException(SafetensorsError.MissingTensor, parameter,
            has is null ? $"No module of the file has tensors as '{parameter}'." : $"Tensor '{Join(nearest, missing)}', wanted for '{parameter}', is missing from the file.");
    }

    private static string ModuleOf(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];

    private static string MemberOf(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static string Join(string module, string member) => module.Length == 0 ? member : $"{module}.{member}";
}
