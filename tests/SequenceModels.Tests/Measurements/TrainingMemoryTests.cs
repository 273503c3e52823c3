using SequenceModels.Data;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Measurements;

[Collection(MeasurementGroup.Name)]
public sealed class TrainingMemoryTests
{
    // Rests at the ends of the first step's blocks, and rows shorter than the longest.
    private const double Tolerance = 0.1;

    [Theory]
    [InlineData(64, 1, 32, 24, 0.0, 1)]
    [InlineData(100, 1, 16, 50, 0.0, 2)]
    [InlineData(128, 2, 32, 64, 0.2, 2)]
    [InlineData(256, 2, 8, 32, 0.0, 2)]
    public void A_language_model_of_a_text_takes_the_memory_that_its_plan_tells(int hidden, int layers, int batch, int time, double dropout, int threads) =>
        Compare(
            TaskKind.LanguageModel, TrainingRuns.Text(3000), continuous: true, threads,
            new ArchitectureRequest { HiddenSize = hidden, Layers = layers, Dropout = dropout }, new TrainingRequest { BatchSize = batch, SequenceLength = time, Epochs = 1, Seed = 1, MaxSeconds = 1 });

    [Theory]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.GruResetBefore)]
    [InlineData(CellKind.PeepholeLstm)]
    [InlineData(CellKind.LayerNormLstm)]
    [InlineData(CellKind.LayerNormGatesLstm)]
    public void Every_cell_takes_the_memory_that_its_plan_tells(CellKind cell) =>
        Compare(
            TaskKind.LanguageModel, TrainingRuns.Text(3000), continuous: true, threads: 2,
            new ArchitectureRequest { Cell = cell, HiddenSize = 128, Layers = 2 }, new TrainingRequest { BatchSize = 32, SequenceLength = 64, Epochs = 1, Seed = 1, MaxSeconds = 1 });

    [Theory]
    [InlineData(CellKind.GruResetBefore)]
    [InlineData(CellKind.LayerNormCellLstm)]
    public void So_do_cells_with_options_of_the_layers(CellKind cell) =>
        Compare(
            TaskKind.LanguageModel, TrainingRuns.Text(3000), continuous: true, threads: 2,
            new ArchitectureRequest { Cell = cell, HiddenSize = 96, Layers = 2, Dropout = 0, WeightDropout = 0.4, Zoneout = 0.1, Residual = true, LayerNorm = true, LearnedInitialState = true },
            new TrainingRequest { BatchSize = 32, SequenceLength = 40, Epochs = 1, Seed = 1, MaxSeconds = 1 });

    [Fact]
    public void A_language_model_of_lines_takes_the_memory_that_its_plan_tells() =>
        Compare(
            TaskKind.LanguageModel, new TrainingData.Lines([.. Enumerable.Repeat("the stone finds the river", 300)]), continuous: false, threads: 2,
            new ArchitectureRequest { HiddenSize = 96, Layers = 1 }, new TrainingRequest { BatchSize = 64, SequenceLength = 26, Epochs = 1, Seed = 1 });

    [Fact]
    public void A_classifier_takes_the_memory_that_its_plan_tells() =>
        Compare(
            TaskKind.Classification, new TrainingData.Labelled([.. Enumerable.Range(0, 400).Select(i => new LabelledText(i % 2 == 0 ? "the stone finds the river" : "the river finds the stone", i % 2 == 0 ? "a" : "b"))]),
            continuous: false, threads: 2,
            new ArchitectureRequest { HiddenSize = 64, Layers = 2, Bidirectional = true, Dropout = 0.3, Tokenizer = TokenizerKind.Character },
            new TrainingRequest { BatchSize = 48, SequenceLength = 25, Epochs = 1, Seed = 1 });

    [Theory]
    [InlineData("variational")]
    [InlineData("weights")]
    [InlineData("zoneout")]
    [InlineData("outputs")]
    [InlineData("tied")]
    [InlineData("all")]
    public void Language_models_and_classifiers_with_options_of_the_layers_do_so_too(string which)
    {
        var text = which switch
        {
            "variational" => new ArchitectureRequest { Dropout = 0.2, DropoutKind = DropoutKind.Variational, InputDropout = 0.2, OutputDropout = 0.1 },
            "weights" => new ArchitectureRequest { Dropout = 0, WeightDropout = 0.4, EmbeddingDropout = 0.1 },
            "zoneout" => new ArchitectureRequest { Dropout = 0, Zoneout = 0.1 },
            "outputs" => new ArchitectureRequest { Dropout = 0, LayerNorm = true, Residual = true, LearnedInitialState = true },
            "tied" => new ArchitectureRequest { Dropout = 0, TiedEmbeddings = true, EmbeddingSize = 50 },
            _ => new ArchitectureRequest
            {
                Dropout = 0.2,
                DropoutKind = DropoutKind.Variational,
                InputDropout = 0.2,
                EmbeddingDropout = 0.1,
                WeightDropout = 0.4,
                Zoneout = 0.1,
                Residual = true,
                LayerNorm = true,
                LearnedInitialState = true,
                TiedEmbeddings = true,
            },
        };
        Compare(TaskKind.LanguageModel, TrainingRuns.Text(3000), continuous: true, threads: 2, text with { HiddenSize = 96, Layers = 2 }, new TrainingRequest { BatchSize = 32, SequenceLength = 40, Epochs = 1, Seed = 1, MaxSeconds = 1 });
        Compare(
            TaskKind.Classification, new TrainingData.Labelled([.. Enumerable.Range(0, 400).Select(i => new LabelledText(i % 2 == 0 ? "the stone finds the river" : "the river finds the stone", i % 2 == 0 ? "a" : "b"))]),
            continuous: false, threads: 2,
            text with { HiddenSize = 40, Layers = 2, Bidirectional = true, Pooling = PoolingKind.Attention, TiedEmbeddings = false, Tokenizer = TokenizerKind.Character },
            new TrainingRequest { BatchSize = 48, SequenceLength = 25, Epochs = 1, Seed = 1 });
    }

    [Fact]
    public void Language_models_that_read_labels_and_classifiers_of_all_poolings_do_so_too()
    {
        var data = new TrainingData.Labelled([.. Enumerable.Range(0, 400).Select(i => new LabelledText(i % 2 == 0 ? "the stone finds the river" : "the river finds the stone", i % 2 == 0 ? "a" : "b"))]);
        var small = new ArchitectureRequest { HiddenSize = 64, EmbeddingSize = 32, Tokenizer = TokenizerKind.Character, Dropout = 0.2 };
        var run = new TrainingRequest { BatchSize = 48, SequenceLength = 25, Epochs = 1, Seed = 1 };
        Compare(TaskKind.LanguageModel, data, continuous: false, threads: 2, small with { Layers = 2 }, run);
        Compare(TaskKind.Classification, data, continuous: false, threads: 2, small with { Bidirectional = true, Pooling = PoolingKind.Concat }, run);
    }

    public static TheoryData<OptimizerSettings> Optimizers => new()
    {
        new OptimizerSettings { Rule = UpdateRule.Sgd },
        new OptimizerSettings { Rule = UpdateRule.Sgd, Momentum = 0.9 },
        new OptimizerSettings { Rule = UpdateRule.AveragedSgd },
        new OptimizerSettings { Rule = UpdateRule.RmsProp },
        new OptimizerSettings { Rule = UpdateRule.RmsProp, Centered = true, Momentum = 0.9 },
        new OptimizerSettings { Rule = UpdateRule.Adagrad },
        new OptimizerSettings { AmsGrad = true },
    };

    // Few rows a step, so that most of the memory is that of the parameters and of what is remembered of each.
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_plan_tells_what_its_optimizer_remembers(OptimizerSettings optimizer)
    {
        Compare(
            TaskKind.LanguageModel, TrainingRuns.Text(300), continuous: true, threads: 1, new ArchitectureRequest { HiddenSize = 192, Layers = 1, Dropout = 0 },
            new TrainingRequest { BatchSize = 4, SequenceLength = 8, GradientAccumulation = 4, Optimizer = optimizer, LearningRate = 0.001, Epochs = 1, Seed = 1, MaxSeconds = 1 });
        using var parameters = new ParameterSet([("w", [3])]);
        using var created = Optimizer.Create(parameters, optimizer);
        Assert.Equal(created.Buffers.Count, Optimizer.BufferCount(optimizer));
    }

    private static void Compare(TaskKind task, TrainingData data, bool continuous, int threads, ArchitectureRequest architecture, TrainingRequest settings)
    {
        var (training, validation) = DataSplitter.Split(data, 0.2, 1);
        var plan = TrainingRuns.Plan(task, training, validation, architecture, settings);
        var memory = new TrainingMemory(task, plan.Architecture, plan.Tokenizer.Vocabulary.Count, plan.Labels.Count, continuous);
        GC.Collect();
        GC.WaitForPendingFinalizers(); // buffers that other tests left behind
        NativeMemoryUse.ResetPeak();
        long before = NativeMemoryUse.Held;

        using var outcome = new Trainer(threads).Train(plan, training, validation, _ => { }, CancellationToken.None);

        double told = memory.OfRun(plan.Training, threads), taken = NativeMemoryUse.Peak - before;
        Assert.InRange(taken / told, 1 - Tolerance, 1 + Tolerance);
        Assert.InRange((double)outcome.Model.MemoryBytes / SequenceModel.EstimateBytes(task, plan.Architecture, plan.Tokenizer.Vocabulary.Count, plan.Labels.Count), 1 - Tolerance, 1 + Tolerance);
    }
}
