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
    [InlineData(CellKind.Lstm, 1, 1, 0.0, 1, UpdateRule.Adam, ScheduleKind.Constant)]
    [InlineData(CellKind.Lstm, 2, 1, 0.0, 1, UpdateRule.Adam, ScheduleKind.ReduceOnPlateau)]
    [InlineData(CellKind.Lstm, 2, 2, 0.3, 3, UpdateRule.AveragedSgd, ScheduleKind.OneCycle)]
    [InlineData(CellKind.Lstm, 1, 1, 0.2, 2, UpdateRule.RmsProp, ScheduleKind.Cosine)]
    [InlineData(CellKind.Gru, 2, 2, 0.0, 1, UpdateRule.Adam, ScheduleKind.Constant)]
    [InlineData(CellKind.Rnn, 2, 2, 0.0, 1, UpdateRule.Adam, ScheduleKind.Constant)]
    [InlineData(CellKind.GruResetBefore, 2, 2, 0.0, 1, UpdateRule.Adam, ScheduleKind.Constant)]
    [InlineData(CellKind.PeepholeLstm, 2, 2, 0.0, 1, UpdateRule.Adam, ScheduleKind.Constant)]
    [InlineData(CellKind.LayerNormLstm, 2, 2, 0.0, 1, UpdateRule.Adam, ScheduleKind.Constant)]
    [InlineData(CellKind.LayerNormGatesLstm, 2, 2, 0.0, 1, UpdateRule.Adam, ScheduleKind.Constant)]
    public void A_training_step_allocates_nothing(CellKind cell, int threads, int layers, double dropout, int accumulation, UpdateRule rule, ScheduleKind kind) =>
        TrainingStepsAllocateNothing(threads, new ArchitectureRequest { Cell = cell, HiddenSize = 48, Layers = layers, Dropout = dropout }, new TrainingRequest
        {
            BatchSize = 8,
            SequenceLength = 16,
            Seed = 1,
            Optimizer = new() { Rule = rule },
            Schedule = new() { Kind = kind },
            GradientAccumulation = accumulation,
            GradientClipValue = accumulation > 1 ? 1 : null,
            LabelSmoothing = accumulation > 1 ? 0.1 : 0,
            ActivationRegularization = accumulation > 1 ? 2 : 0,
            TemporalActivationRegularization = accumulation > 1 ? 1 : 0,
        });

    [Fact]
    public void Neither_does_one_with_every_option_of_the_layers() => TrainingStepsAllocateNothing(2, new ArchitectureRequest
    {
        HiddenSize = 48,
        EmbeddingSize = 20,
        Layers = 2,
        Dropout = 0.2,
        DropoutKind = DropoutKind.Variational,
        InputDropout = 0.1,
        EmbeddingDropout = 0.1,
        WeightDropout = 0.2,
        Zoneout = 0.1,
        Residual = true,
        LayerNorm = true,
        TiedEmbeddings = true,
        LearnedInitialState = true,
    }, new TrainingRequest { BatchSize = 8, SequenceLength = 16, Seed = 1 });

    private static void TrainingStepsAllocateNothing(int threads, ArchitectureRequest architecture, TrainingRequest settings)
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Text(4000), 0.1, 1);
        var plan = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, architecture, settings);
        using var context = ComputeContext.Create(threads);
        using var parameters = NetworkLayout.Create(plan.Task, plan.Architecture, plan.Tokenizer.Vocabulary.Count, 0);
        using var task = new LanguageModelTask(plan, parameters, training, validation, context);
        using var optimizer = Optimizer.Create(parameters, plan.Training.Optimizer);
        var update = new UpdateStep(task, optimizer, plan.Training, context);
        int accumulation = settings.GradientAccumulation ?? 1;
        var plateau = PlateauState.Beginning;
        task.BeginEpoch(0);
        Assert.True(task.BatchesPerEpoch > accumulation * (WarmUp + Repetitions + 1), $"An epoch has but {task.BatchesPerEpoch} batches.");

        AssertNothingAllocated(context.Team, () =>
        {
            plateau = plateau.With(plan.Training.Schedule, 2);
            double rate = LearningRateSchedule.Rate(plan.Training.Schedule, 0.002, new(optimizer.Steps, 1000, 5, plateau));
            update.Run(accumulation, rate, CancellationToken.None);
        });
    }

    [Theory]
    [InlineData(CellKind.Lstm, false)]
    [InlineData(CellKind.Lstm, true)]
    [InlineData(CellKind.GruResetBefore, true)]
    [InlineData(CellKind.PeepholeLstm, false)]
    [InlineData(CellKind.LayerNormLstm, false)]
    public void A_sampled_token_allocates_nothing(CellKind cell, bool options)
    {
        var architecture = new ArchitectureSettings { Cell = cell, EmbeddingSize = 27, HiddenSize = 64, Layers = 2 };
        if (options)
            architecture = architecture with { Zoneout = 0.1, Residual = true, LayerNorm = true, TiedEmbeddings = true, LearnedInitialState = true };
        using var parameters = NetworkLayout.Create(TaskKind.LanguageModel, architecture, 27, 0);
        Initialization.Network(parameters, architecture.Cell, architecture.HiddenSize, 1, 1);
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

        AssertNothingAllocated(context.Team, () =>
        {
            stepper.Step([token]);
            token = sampler.Next(stepper.Logits(0), history, random.UniformDouble(position++));
        });
    }

    /// <summary>Steps allocate nothing on any thread of the team. Other threads of the process, the test host's, do not count.</summary>
    private static void AssertNothingAllocated(ThreadTeam team, Action step)
    {
        var allocated = new long[team.Size];
        Action<int> read = member => allocated[member] = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < WarmUp; i++)
            step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        step(); // what a collection makes anew is made here
        team.Run(read);
        team.Run(read); // what reading itself needs
        long[] before = [.. allocated];
        long after = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Repetitions; i++)
            step();
        after = GC.GetAllocatedBytesForCurrentThread() - after;
        team.Run(read);

        Assert.Equal(0, after);
        Assert.Equal(before.Skip(1), allocated.Skip(1));
    }
}
