using System.Text.Json;
using SequenceModels.Data;
using SequenceModels.Serialization;
using SequenceModels.Text;

namespace SequenceModels.Training;

/// <summary>What tells runs apart: two with the same fingerprint compute the same bits.</summary>
internal static class TrainingFingerprint
{
    /// <summary>SHA-256, lower-case hexadecimal, of all choices, the weights that the run starts from, the tokenizer, the labels and the data.</summary>
    public static string Of(TrainingPlan plan, TrainingData training, TrainingData validation)
    {
        using var hash = new HashingStream(Stream.Null);
        JsonSerializer.Serialize(hash, new { plan.Task, plan.Architecture, plan.Training, plan.Labels }, LibraryJson.Plain);
        plan.Base?.WriteWeights(hash);
        Tokenizers.Save(plan.Tokenizer, hash);
        using (var writer = new BinaryWriter(hash, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            training.WriteContent(writer);
            validation.WriteContent(writer);
        }

        return Convert.ToHexStringLower(hash.CurrentHash());
    }
}
