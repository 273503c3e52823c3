using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>The parameters by which a classifier weighs its steps: W [F,F] and b [F] under <c>attention</c>, u [1,F] under <c>score</c>, as two of PyTorch's <c>Linear</c> have them.</summary>
internal sealed class AttentionWeights : IDisposable
{
    private const string HiddenName = "attention";
    private const string ScoreName = "score.weight";

    public AttentionWeights(ParameterSet parameters) => (Hidden, Score) = (LinearWeights.Inner(parameters, HiddenName), parameters[ScoreName]);

    /// <summary>W and b.</summary>
    public LinearWeights Hidden { get; }

    /// <summary>u.</summary>
    public Parameter Score { get; }

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => Hidden.PackedBytes;

    public static IEnumerable<(string Name, int[] Shape)> Shapes(int features) => [.. LinearWeights.Shapes(HiddenName, features, features), (ScoreName, [1, features])];

    public void Dispose() => Hidden.Dispose();
}
