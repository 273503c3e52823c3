using System.Diagnostics;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Shapes;
using SequenceModels.Tests.Measurements;
using SequenceModels.Training;

namespace SequenceModels.Tests.Shapes;

/// <summary>Once every length has been seen, a training step of any shape leaves nothing to the garbage collector.</summary>
[Collection(MeasurementGroup.Name)]
public sealed class ShapeAllocationTests
{
    public static TheoryData<string> Cases => ShapeCases.Names;

    [Theory, MemberData(nameof(Cases))]
    public void A_training_step_allocates_nothing(string name)
    {
        var task = ShapeCases.All[name];
        var examples = ShapeCases.Examples(task, 60);
        var settings = new TrainingSettings { BatchSize = 3, Seed = 1 };
        using var context = ComputeContext.Create(1);
        using var parameters = TaskWeights.CreateParameters(task);
        Initialization.Network(parameters, task.Architecture.Cell, task.Architecture.HiddenSize, 1, 1);
        using var learning = new SequenceTrainingTask(task, SequenceScaling.Of(task, examples), settings, parameters, examples, examples, context);
        using var optimizer = Optimizer.Create(parameters, settings.Optimizer);
        var update = new UpdateStep(learning, optimizer, settings, context);
        // Code that the runtime has not optimised yet boxes what it need not; it optimises it in the background, in its own time.
        var patience = Stopwatch.StartNew();
        long allocated = long.MaxValue;
        for (int epoch = 0; allocated > 0 && (epoch < 30 || patience.Elapsed < TimeSpan.FromSeconds(20)); epoch++)
            allocated = Epoch(learning, update, epoch);
        Assert.Equal(0, allocated);
    }

    private static long Epoch(SequenceTrainingTask learning, UpdateStep update, int epoch)
    {
        learning.BeginEpoch(epoch % 3); // an order seen before holds no length that is new
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int batch = 0; batch < learning.BatchesPerEpoch; batch++)
            update.Run(1, 0.01, CancellationToken.None);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
