using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Randomness;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Measurements;

/// <summary>Once warm, neither a training step nor a sampled token leaves anything to the garbage collector.</summary>
[Collection(MeasurementGroup.Name)]
public sealed class AllocationTests
{
    private const int WarmUp = 20;
    private const int Repetitions = 100;

    [Theory]
    [InlineData(1, 1, 0.0)]
    [InlineData(2, 1, 0.0)]
    [InlineData(2, 2, 0.3)]
    public void A_training_step_allocates_nothing(int threads, int layers, double dropout)
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Text(4000), 0.1, 1);
        var plan = TrainingRuns.Plan(
            TaskKind.LanguageModel, training, validation, new ArchitectureRequest { HiddenSize = 48, Layers = layers, Dropout = dropout }, new TrainingRequest { BatchSize = 8, SequenceLength = 16, Seed = 1 });
        using var context = ComputeContext.Create(threads);
        using var parameters = NetworkLayout.Create(plan.Task, plan.Architecture, plan.Tokenizer.Vocabulary.Count, 0);
        using var task = new LanguageModelTask(plan, parameters, training, validation, context);
        using var adam = new Adam(parameters);
        var gradientNorm = new GradientNorm(parameters, context);
        task.BeginEpoch(0);
        Assert.True(task.StepsPerEpoch > WarmUp + Repetitions, $"An epoch has but {task.StepsPerEpoch} steps.");

        AssertNothingAllocated(() =>
        {
            task.Step(adam.Steps);
            adam.Step(context, 0.002, GradientClipping.Factor(gradientNorm.Compute(), 5));
        });
    }

    [Fact]
    public void A_sampled_token_allocates_nothing()
    {
        var architecture = new ArchitectureSettings { EmbeddingSize = 27, HiddenSize = 64, Layers = 2 };
        using var parameters = NetworkLayout.Create(TaskKind.LanguageModel, architecture, 27, 0);
        Initialization.Network(parameters, architecture.HiddenSize, 1, 1);
        using var encoder = new TokenEncoderWeights(parameters, architecture, useTable: true);
        using var output = new LinearWeights(parameters, NetworkLayout.Output);
        using var context = ComputeContext.Create(1);
        encoder.Pack(context, backward: false);
        output.Pack(backward: false);
        using var stepper = new LanguageModelStepper(KernelSet.Best, encoder, output, 1);
        var sampler = new Sampler(new SamplingSettings { Temperature = 0.8, TopK = 10, TopP = 0.9 }, 27, 0);
        var history = new TokenHistory();
        var random = new CounterRandom(1, RandomPurpose.Sampling);
        int token = 1;
        long position = 0;

        AssertNothingAllocated(() =>
        {
            stepper.Step([token]);
            token = sampler.Next(stepper.Logits(0), history, random.UniformDouble(position++));
        });
    }

    private static void AssertNothingAllocated(Action step)
    {
        for (int i = 0; i < WarmUp; i++)
            step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        step(); // what a collection makes anew is made here
        long own = GC.GetAllocatedBytesForCurrentThread(), all = GC.GetTotalAllocatedBytes(precise: true);

        for (int i = 0; i < Repetitions; i++)
            step();

        own = GC.GetAllocatedBytesForCurrentThread() - own;
        all = GC.GetTotalAllocatedBytes(precise: true) - all;
        Assert.Equal(0, own);

        // The test host talks to its runner now and then from threads of its own. One object of 24 bytes a step would be 2400.
        Assert.InRange(all, 0, 24 * Repetitions - 1);
    }
}
