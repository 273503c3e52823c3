using System.Text;
using System.Text.Json;
using SequenceModels.Serialization;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>What tells runs of tasks apart: two with the same fingerprint compute the same bits.</summary>
internal static class SequenceFingerprint
{
    /// <summary>SHA-256, lower-case hexadecimal, of all choices and the examples.</summary>
    public static string Of(SequenceTask task, SequenceScaling scaling, TrainingSettings settings, IReadOnlyList<SequenceExample> training, IReadOnlyList<SequenceExample> validation)
    {
        using var hash = new HashingStream(Stream.Null);
        SequenceTaskFile.Write(task, scaling, hash);
        JsonSerializer.Serialize(hash, settings, LibraryJson.Plain);
        using (var writer = new BinaryWriter(hash, Encoding.UTF8, leaveOpen: true))
        {
            Write(training, writer);
            Write(validation, writer);
        }

        return Convert.ToHexStringLower(hash.CurrentHash());
    }

    private static void Write(IReadOnlyList<SequenceExample> examples, BinaryWriter writer)
    {
        writer.Write(examples.Count);
        foreach (var example in examples)
        {
            Write(example.Input, writer);
            Write(example.Target, writer);
        }
    }

    private static void Write(SequenceData data, BinaryWriter writer)
    {
        writer.Write(data.Length);
        if (data is TokenSequence tokens)
        {
            foreach (int token in tokens.Tokens)
                writer.Write(token);
            return;
        }

        foreach (float value in ((FrameSequence)data).Values)
            writer.Write(value);
    }
}
