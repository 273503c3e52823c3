using SequenceModels.Tensors;

namespace SequenceModels.Serialization;

/// <summary>Which tensor of a file each parameter of a model is read from.</summary>
public sealed class StateDictNames
{
    private readonly Func<ParameterSet, SafetensorsHeader, IReadOnlyDictionary<string, string>> _tensorByParameter;

    private StateDictNames(Func<ParameterSet, SafetensorsHeader, IReadOnlyDictionary<string, string>> tensorByParameter) => _tensorByParameter = tensorByParameter;

    /// <summary>The file has the model's own names.</summary>
    public static StateDictNames Same { get; } = new((skeleton, _) => skeleton.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Name, StringComparer.Ordinal));

    /// <summary>
    /// Modules may have other names in the file: <c>encoder.lstm.weight_ih_l0</c> is read into <c>rnn.weight_ih_l0</c>. A name's last part (<c>weight_ih_l0</c>, <c>weight</c>, <c>bias</c>) is its tensor, what stands
    /// before is its module. A module of the model is read from the module of the file that has the same tensors with as many dimensions each: one that also has the same name, else the only one.
    /// </summary>
    public static StateDictNames BySuffix { get; } = new(StateDictModules.Match);

    /// <summary>The file has names that the caller tells.</summary>
    /// <param name="tensorByParameter">Names of the file's tensors by names of the model's parameters; a parameter that is not named has its own name in the file.</param>
    /// <returns>The names.</returns>
    /// <exception cref="ArgumentException">Two parameters would be read from one tensor.</exception>
    public static StateDictNames From(IReadOnlyDictionary<string, string> tensorByParameter)
    {
        ArgumentNullException.ThrowIfNull(tensorByParameter);
        var copy = new Dictionary<string, string>(tensorByParameter, StringComparer.Ordinal);
        if (copy.GroupBy(entry => entry.Value, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Tensor '{twice.Key}' is named for {string.Join(" and ", twice.Select(entry => $"'{entry.Key}'"))}; each parameter has a tensor of its own.", nameof(tensorByParameter));
        return new((skeleton, _) =>
        {
            var known = skeleton.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
            if (copy.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
                throw new SafetensorsException(SafetensorsError.UnknownParameter, unknown, $"A tensor is named for '{unknown}', which is not one of the model's parameters.");
            return known.ToDictionary(name => name, name => copy.GetValueOrDefault(name, name), StringComparer.Ordinal);
        });
    }

    /// <summary>The file's tensor of each parameter.</summary>
    /// <exception cref="SafetensorsException">A parameter's tensor cannot be told.</exception>
    internal IReadOnlyDictionary<string, string> Resolve(ParameterSet skeleton, SafetensorsHeader header) => _tensorByParameter(skeleton, header);
}
