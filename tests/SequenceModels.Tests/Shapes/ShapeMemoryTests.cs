using SequenceModels.Optimizers;
using SequenceModels.Shapes;
using SequenceModels.Tensors;
using SequenceModels.Tests.Measurements;
using SequenceModels.Training;

namespace SequenceModels.Tests.Shapes;

/// <summary>The memory told before a run of any shape is that which it takes.</summary>
[Collection(MeasurementGroup.Name)]
public sealed class ShapeMemoryTests
{
    private const double Tolerance = 0.1;
    private const int Steps = 30;

    public static TheoryData<string> Cases => ShapeCases.Names;

    [Theory, MemberData(nameof(Cases))]
    public void A_run_takes_what_was_told(string name)
    {
        var task = ShapeCases.All[name];
        task = task with { Architecture = task.Architecture with { HiddenSize = 40, EmbeddingSize = 24 }, Input = task.Input with { Size = 20 }, Output = task.Output with { Size = 12 } };
        var settings = new TrainingSettings { Epochs = 1, BatchSize = 64, Seed = 1, Optimizer = new OptimizerSettings { AmsGrad = true } };
        SequenceExample[] examples = [.. Enumerable.Range(0, 64).Select(_ => new SequenceExample(Steady(task.Input, task.ReadsOne ? 1 : Steps), Steady(task.Output, task.WritesOne ? 1 : Steps)))];
        GC.Collect();
        GC.WaitForPendingFinalizers(); // buffers that other tests left behind
        NativeMemoryUse.ResetPeak();
        long before = NativeMemoryUse.Held;
        using var outcome = SequenceTaskTrainer.Train(task, settings, examples, examples);

        double told = SequenceTaskTrainer.EstimateBytes(task, settings, task.ReadsOne ? 1 : Steps, task.WritesOne ? 1 : Steps, threads: 1), taken = NativeMemoryUse.Peak - before;
        Assert.True(Math.Abs(taken / told - 1) <= Tolerance, $"{name}: {taken} bytes instead of {told}.");
        Assert.InRange((double)outcome.Model.MemoryBytes / SequenceTaskModel.EstimateBytes(task), 1 - Tolerance, 1 + Tolerance);
    }

    private static SequenceData Steady(SequenceFormat format, int length) =>
        format.Kind == StepKind.Tokens ? new TokenSequence([.. Enumerable.Range(0, length).Select(step => step % format.Size)]) : new FrameSequence([.. Enumerable.Range(0, length * format.Size).Select(i => i % 2f)], format.Size);
}
