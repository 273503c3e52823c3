using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Tasks;

/// <summary>Names and shapes of a whole network's parameters, as a PyTorch module with members <c>embedding</c>, <c>rnn</c> and <c>fc</c> has them.</summary>
internal static class NetworkLayout
{
    /// <summary>Name of the output layer.</summary>
    public const string Output = "fc";

    /// <summary>Zero-valued parameters of a network.</summary>
    public static ParameterSet Create(TaskKind task, ArchitectureSettings architecture, int vocabulary, int labels) =>
        new(Shapes(task, architecture, vocabulary, labels));

    /// <summary>Number of parameters, without allocating them.</summary>
    public static long Count(TaskKind task, ArchitectureSettings architecture, int vocabulary, int labels) =>
        Shapes(task, architecture, vocabulary, labels).Sum(entry => entry.Shape.Aggregate(1L, (product, dimension) => product * dimension));

    /// <summary>Floats of a block of all parameters as <see cref="ParameterSet"/> lays it out, padding included.</summary>
    public static long PaddedLength(TaskKind task, ArchitectureSettings architecture, int vocabulary, int labels) =>
        Shapes(task, architecture, vocabulary, labels)
            .Sum(entry => (entry.Shape.Aggregate(1L, (product, dimension) => product * dimension) + ParameterSet.Padding - 1) / ParameterSet.Padding * ParameterSet.Padding);

    private static IEnumerable<(string Name, int[] Shape)> Shapes(TaskKind task, ArchitectureSettings architecture, int vocabulary, int labels)
    {
        int features = architecture.HiddenSize * (architecture.Bidirectional ? 2 : 1), outputs = task == TaskKind.LanguageModel ? vocabulary : labels;
        IEnumerable<(string Name, int[] Shape)> encoder = TokenEncoderWeights.Shapes(architecture, vocabulary);
        if (task == TaskKind.LanguageModel && labels > 0)
            encoder = encoder.Append((LabelEmbedding.Name, [labels, architecture.EmbeddingSize]));
        if (!architecture.TiedEmbeddings)
            return [.. encoder, .. LinearWeights.Shapes(Output, Pooling.PooledSize(architecture.Pooling, features), outputs)];
        return [.. encoder, .. LinearWeights.TiedShapes(Output, features, architecture.EmbeddingSize, outputs)];
    }
}
