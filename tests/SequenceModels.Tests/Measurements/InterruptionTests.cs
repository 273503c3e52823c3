using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Measurements;

/// <summary>A run that ends in the midst of an epoch leaves neither memory nor threads behind.</summary>
[Collection(MeasurementGroup.Name)]
public sealed class InterruptionTests
{
    [Theory]
    [InlineData("text", false)]
    [InlineData("text", true)]
    [InlineData("labelled", false)]
    [InlineData("labelled", true)]
    public void A_run_that_is_cancelled_or_paused_gives_back_its_memory_and_threads(string kind, bool pauses)
    {
        var (task, data) = kind == "text" ? (TaskKind.LanguageModel, TrainingRuns.Text(400)) : (TaskKind.Classification, TrainingRuns.Labelled(400));
        var (training, validation) = DataSplitter.Split(data, 0.2, 1);
        var plan = TrainingRuns.Plan(task, training, validation, new() { HiddenSize = 128, Layers = 2 }, new() { Epochs = 3, BatchSize = 8, SequenceLength = 20, ValidateEverySteps = 5, Seed = 1 });
        GC.Collect();
        GC.WaitForPendingFinalizers(); // buffers that other tests left behind
        long before = NativeMemoryUse.Held;
        var threads = new List<Thread>();
        using var cancellation = new CancellationTokenSource();
        var control = new Leaving(pauses ? null : cancellation);

        var trainer = new Trainer(4, () =>
        {
            lock (threads)
                threads.Add(Thread.CurrentThread);
        });
        if (pauses)
            Assert.Null(trainer.Train(plan, training, validation, control, from: null, cancellation.Token));
        else
            Assert.Throws<OperationCanceledException>(() => trainer.Train(plan, training, validation, control, from: null, cancellation.Token));

        Assert.True(control.Held - before > 1 << 20, $"The run held {control.Held - before} bytes: nothing is shown.");
        Assert.Equal(before, NativeMemoryUse.Held);
        Assert.Equal(3, threads.Count);
        Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(30)), $"{thread.Name} goes on."));
    }

    /// <summary>Leaves after twelve updates, in the midst of the first epoch.</summary>
    private sealed class Leaving(CancellationTokenSource? cancellation) : TrainingControl
    {
        public long Held { get; private set; }

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            if (moment.Step < 12)
                return TrainingDecision.Continue;
            Assert.Equal(1, moment.Epoch);
            Held = NativeMemoryUse.Held;
            cancellation?.Cancel();
            return cancellation is null ? TrainingDecision.Pause : TrainingDecision.Continue;
        }
    }
}
