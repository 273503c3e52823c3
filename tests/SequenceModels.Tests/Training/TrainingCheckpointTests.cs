using System.Security.Cryptography;
using System.Text;
using SequenceModels.Serialization;
using SequenceModels.Tensors;
using SequenceModels.Tests.Measurements;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>The file of a checkpoint: what is in it, and that no other and no damaged one is gone on from.</summary>
[Collection(MeasurementGroup.Name)]
public sealed class TrainingCheckpointTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 3, EmbeddingSize = 2, Dropout = 0 };
    private static readonly TrainingRequest Settings = new() { Epochs = 2, BatchSize = 8, SequenceLength = 20, Seed = 5 };

    [Fact]
    public void It_holds_weights_what_the_optimizer_remembers_the_best_weights_and_the_states_carried()
    {
        using var file = new MemoryStream(Runs("text", Settings with { Optimizer = new() { AmsGrad = true }, ValidateEverySteps = 1 }).Checkpoint(3));
        var header = SafetensorsReader.ReadHeader(file);
        string[] blocks = ["weights", "optimizer.exp_avg", "optimizer.exp_avg_sq", "optimizer.max_exp_avg_sq", "best"];
        string[] parameters = ["embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "fc.weight", "fc.bias"];
        Assert.Equal(
            ["state", .. blocks.SelectMany(block => parameters.Select(parameter => $"{block}.{parameter}")), "carried.hidden", "carried.cell", "sha256"],
            header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal("2", header.Metadata["trainingCheckpoint"]);
        Assert.Equal(TrainingCheckpoint.Read(file).Fingerprint, header.Metadata["fingerprint"]);
        Assert.Equal(SHA256.HashData(file.ToArray()[..^32]), file.ToArray()[^32..]);
    }

    [Fact]
    public void Equal_moments_give_equal_tensors_and_no_hidden_state()
    {
        var runs = Runs("lines", Settings);
        using var first = new MemoryStream(runs.Checkpoint(4));
        using var second = new MemoryStream(runs.Checkpoint(4));
        // Only the seconds that it took differ.
        Assert.Equal(Data(first), Data(second));

        static byte[] Data(MemoryStream file)
        {
            var header = SafetensorsReader.ReadHeader(file);
            int start = (int)file.Position;
            return file.ToArray()[(start + (int)header.Tensors[0].End)..^32];
        }
    }

    [Fact]
    public void Damage_to_any_byte_and_any_loss_of_its_end_is_seen()
    {
        byte[] whole = Runs("labelled", Settings).Checkpoint(2);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 1;
            AssertRefused(CheckpointError.Damaged, damaged);
        }

        for (int length = 0; length < whole.Length; length += 1 + length / 50)
            AssertRefused(CheckpointError.Damaged, whole[..length]);
        AssertRefused(CheckpointError.Damaged, [.. whole, 0]);
    }

    [Fact]
    public void Another_version_and_another_file_are_told_apart_from_damage()
    {
        byte[] whole = Runs("lines", Settings).Checkpoint(2);
        AssertRefused(CheckpointError.OtherVersion, Sealed(Replaced(whole, "\"trainingCheckpoint\":\"2\"", "\"trainingCheckpoint\":\"1\"")));
        AssertRefused(CheckpointError.Damaged, Sealed(Replaced(whole, "\"trainingCheckpoint\"", "\"trainingcheckpoint\"")));
        AssertRefused(CheckpointError.Damaged, Sealed(Encoding.UTF8.GetBytes("something else that is long enough to be looked at in earnest.")));
    }

    [Fact]
    public void Another_plan_other_data_and_another_seed_are_refused()
    {
        byte[] checkpoint = Runs("lines", Settings).Checkpoint(2);
        Refuses(Runs("lines", Settings with { Seed = 6 }));
        Refuses(Runs("lines", Settings with { LearningRate = 0.5 }));
        Refuses(Runs("lines", Settings with { Epochs = 3 }));
        Refuses(new InterruptedRuns("lines", Small with { HiddenSize = 4 }, Settings));
        Refuses(new InterruptedRuns("lines", Small, Settings, sentences: 41));
        Refuses(Runs("text", Settings));
        using var accepted = Runs("lines", Settings).Train(new TrainingControl(), new MemoryStream(checkpoint), 1);
        Assert.NotNull(accepted);

        void Refuses(InterruptedRuns other)
        {
            var refusal = Assert.Throws<TrainingCheckpointException>(() => other.Train(new TrainingControl(), new MemoryStream(checkpoint), 1));
            Assert.Equal(CheckpointError.OtherRun, refusal.Error);
        }
    }

    [Fact]
    public void It_is_written_only_while_the_control_decides()
    {
        var runs = Runs("lines", Settings);
        var control = new Keeping();
        using var outcome = runs.Train(control, null, 1);
        Assert.Throws<InvalidOperationException>(() => control.Moment!.WriteCheckpoint(Stream.Null));
        Assert.True(control.Refused);
    }

    [Fact]
    public void Writing_one_takes_no_memory_to_speak_of()
    {
        var runs = new InterruptedRuns("lines", new() { HiddenSize = 512, EmbeddingSize = 64, Dropout = 0 }, Settings with { Epochs = 1 }, sentences: 16);
        var control = new Measuring();
        using var outcome = runs.Train(control, null, 1);
        Assert.True(control.Written > 12 << 20, $"A checkpoint of {control.Written} bytes shows nothing.");
        Assert.Equal(0, control.NativeBytes);
        Assert.InRange(control.ManagedBytes, 0, 1 << 20);
    }

    private static InterruptedRuns Runs(string kind, TrainingRequest settings) => new(kind, Small, settings);

    private static void AssertRefused(CheckpointError error, byte[] file)
    {
        var refusal = Assert.Throws<TrainingCheckpointException>(() => TrainingCheckpoint.Read(new MemoryStream(file)));
        Assert.Equal(error, refusal.Error);
    }

    private static byte[] Replaced(byte[] file, string from, string to) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(file).Replace(from, to, StringComparison.Ordinal));

    /// <summary>With the hash that belongs to the bytes before it.</summary>
    private static byte[] Sealed(byte[] file) => [.. file[..^32], .. SHA256.HashData(file[..^32])];

    private sealed class Keeping : TrainingControl
    {
        public TrainingMoment? Moment { get; private set; }

        public bool Refused { get; private set; }

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            Moment = moment;
            return TrainingDecision.Continue;
        }

        public override void Validated(ValidatedWeights validated)
        {
            Assert.Throws<InvalidOperationException>(() => Moment!.WriteCheckpoint(Stream.Null));
            Refused = true;
        }
    }

    private sealed class Measuring : TrainingControl
    {
        public long Written { get; private set; }

        public long NativeBytes { get; private set; }

        public long ManagedBytes { get; private set; }

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            using var counting = new CountingStream();
            moment.WriteCheckpoint(counting); // warm, with the fingerprint known
            NativeMemoryUse.ResetPeak();
            long held = NativeMemoryUse.Held, managed = GC.GetAllocatedBytesForCurrentThread();
            moment.WriteCheckpoint(counting);
            ManagedBytes = Math.Max(ManagedBytes, GC.GetAllocatedBytesForCurrentThread() - managed);
            NativeBytes = Math.Max(NativeBytes, NativeMemoryUse.Peak - held);
            Written = counting.Bytes / 2;
            return TrainingDecision.Continue;
        }
    }

    private sealed class CountingStream : MemoryStream
    {
        public long Bytes { get; private set; }

        public override void Write(byte[] buffer, int offset, int count) => Bytes += count;

        public override void Write(ReadOnlySpan<byte> buffer) => Bytes += buffer.Length;
    }
}
