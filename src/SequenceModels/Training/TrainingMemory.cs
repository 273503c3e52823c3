using SequenceModels.Kernels;
using SequenceModels.Tasks;

namespace SequenceModels.Training;

/// <summary>The memory of a run, from the sizes of what it allocates.</summary>
internal static class TrainingMemory
{
    /// <summary>
    /// Bytes at the peak, data left out: five copies of the parameters (values, gradients, two moments, best so far), their packed forms (twice the
    /// recurrent weights), and a step's activations and their gradients: for each of T x B positions, layer and direction 4 gates, h, c, tanh c and the output with its
    /// gradient, plus embeddings and the logits held at a time.
    /// </summary>
    public static long Estimate(TaskKind task, ArchitectureSettings architecture, TrainingSettings training, int vocabulary, int labels, long parameters)
    {
        int directions = architecture.Bidirectional ? 2 : 1, stride = PackedMatrix.PaddedColumns(architecture.HiddenSize);
        long positions = (long)training.BatchSize * training.SequenceLength;
        long aLayer = directions * (7L * stride + 3L * architecture.HiddenSize);
        long outputs = task == TaskKind.LanguageModel ? vocabulary : labels;
        long logits = Math.Min(positions * PackedMatrix.PaddedColumns((int)outputs), 1 << 20);
        long activations = positions * (architecture.Layers * aLayer + 3L * architecture.EmbeddingSize) + logits;
        return sizeof(float) * (7 * parameters + activations);
    }
}
