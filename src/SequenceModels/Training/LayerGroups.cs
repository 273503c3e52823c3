using System.Globalization;
using SequenceModels.Optimizers;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>
/// The layers of a classifier from its head down - output layer and attention, recurrent layers from the highest on, embedding - and how fast each learns when it starts from a language model: gradual unfreezing and
/// discriminative rates (Howard and Ruder 2018; docs/transfer.md).
/// </summary>
internal static class LayerGroups
{
    /// <summary>Groups of a network of so many recurrent layers.</summary>
    public static int Count(int layers) => layers + 2;

    /// <summary>The factors of an epoch.</summary>
    /// <param name="parameters">The network's.</param>
    /// <param name="settings">Epochs a group, and the factor from one to the next.</param>
    /// <param name="epoch">From 1.</param>
    /// <returns>A part a parameter, in the order of the block; <c>null</c> where all learn alike.</returns>
    public static IReadOnlyList<RateGroup>? Rates(ParameterSet parameters, TrainingSettings settings, int epoch)
    {
        if (settings.GradualUnfreezing is null && settings.LayerRateDecay is null)
            return null;
        int layers = parameters.Parameters.Max(parameter => LayerOrNull(parameter.Name) + 1 ?? 0), wait = settings.GradualUnfreezing ?? 0;
        var groups = new RateGroup[parameters.Parameters.Count];
        long end = parameters.Values.Length;
        for (int i = groups.Length - 1; i >= 0; i--)
        {
            var parameter = parameters.Parameters[i];
            int depth = DepthOf(parameter.Name, layers);
            double factor = 1;
            for (int below = 0; below < depth; below++) // no power function: it differs from machine to machine
                factor *= settings.LayerRateDecay ?? 1;
            groups[i] = new RateGroup(parameter.Offset, end - parameter.Offset, epoch > (long)wait * depth ? factor : 0);
            end = parameter.Offset;
        }

        return groups;
    }

    /// <summary>How far below the head a parameter's layer is; learned initial states, one tensor for all layers, count as the lowest recurrent one's.</summary>
    internal static int DepthOf(string name, int layers) => name switch
    {
        "embedding.weight" => layers + 1,
        "h0" or "c0" => layers,
        _ => LayerOrNull(name) is { } layer ? layers - layer : 0,
    };

    /// <summary>The recurrent layer of <c>rnn.weight_ih_l1_reverse</c> or <c>norms.1.bias</c>.</summary>
    private static int? LayerOrNull(string name)
    {
        string? digits = name.StartsWith("rnn.", StringComparison.Ordinal) ? name[(name.LastIndexOf("_l", StringComparison.Ordinal) + 2)..].Split('_')[0]
            : name.StartsWith("norms.", StringComparison.Ordinal) ? name.Split('.')[1] : null;
        return digits is null ? null : int.Parse(digits, CultureInfo.InvariantCulture);
    }
}
