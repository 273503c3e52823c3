using SequenceModels.Kernels;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>The same request and seed give the same weights, bit for bit, on any number of threads and at any vector width.</summary>
public sealed class TrainingExactnessTests
{
    private static readonly (int Threads, SimdWidth? Width)[] Ways =
        [(1, null), (2, null), (4, null), (2, SimdWidth.Vector512), (1, SimdWidth.Vector256), (3, SimdWidth.Vector128)];

    public static TheoryData<string, int, int, double, bool> Cases => new()
    {
        { "text", 24, 1, 0, false },
        { "text", 33, 2, 0.3, false },
        { "lines", 40, 1, 0.2, false },
        { "labelled", 20, 1, 0.4, true },
        { "labelled", 17, 2, 0, true },
        { "labelled", 17, 2, 0.2, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_are_the_same_bits_on_any_threads_and_width(string kind, int hidden, int layers, double dropout, bool bidirectional)
    {
        string[] hashes = [.. Ways.Select(way => Train(kind, hidden, layers, dropout, bidirectional, way.Threads, way.Width))];
        Assert.All(hashes, hash => Assert.Equal(hashes[0], hash));
    }

    public static TheoryData<string, TrainingRequest> Options => new()
    {
        { "text", new() { Optimizer = new() { Rule = UpdateRule.AveragedSgd, AveragingPatience = 0 }, LearningRate = 20, Epochs = 6, EarlyStoppingPatience = 1000, LabelSmoothing = 0.1 } },
        { "lines", new() { Optimizer = new() { Rule = UpdateRule.RmsProp, Centered = true, Momentum = 0.5 }, Schedule = new() { Kind = ScheduleKind.OneCycle }, GradientAccumulation = 3 } },
        { "text", new() { Optimizer = new() { AmsGrad = true, DecoupledWeightDecay = true, WeightDecay = 0.01 }, ActivationRegularization = 2, TemporalActivationRegularization = 1 } },
        { "labelled", new() { Optimizer = new() { Rule = UpdateRule.Sgd, Momentum = 0.9, Nesterov = true }, GradientClipValue = 0.05, ClassWeighting = ClassWeighting.Balanced, LabelSmoothing = 0.1 } },
        { "labelled", new() { Optimizer = new() { Rule = UpdateRule.Adagrad }, Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 3 }, TemporalActivationRegularization = 1, GradientAccumulation = 2 } },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_gives_the_same_bits_too(string kind, TrainingRequest options)
    {
        string[] hashes = [.. Ways.Select(way => Train(kind, 48, 1, 0.2, kind == "labelled", way.Threads, way.Width, options: options))];
        Assert.All(hashes, hash => Assert.Equal(hashes[0], hash));
        Assert.NotEqual(hashes[0], Train(kind, 48, 1, 0.2, kind == "labelled", 1, null));
    }

    [Fact]
    public void Options_told_with_the_values_that_change_nothing_give_the_bits_of_a_request_without_them()
    {
        var idle = new TrainingRequest
        {
            Optimizer = new(),
            Schedule = new(),
            GradientAccumulation = 1,
            GradientClipValue = 1e6,
            ActivationRegularization = 0,
            TemporalActivationRegularization = 0,
            LabelSmoothing = 0,
            ClassWeights = new Dictionary<string, double> { ["wet"] = 1 },
        };
        Assert.Equal(Train("labelled", 20, 1, 0.4, true, 1, null), Train("labelled", 20, 1, 0.4, true, 2, null, options: idle));
        Assert.Equal(Train("lines", 20, 1, 0.4, false, 1, null), Train("lines", 20, 1, 0.4, false, 2, null, options: idle with { ClassWeights = null }));
    }

    public static TheoryData<CellKind> Cells => [.. Enum.GetValues<CellKind>()];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Weights_of_every_cell_are_the_same_bits_on_any_threads_and_width(CellKind cell)
    {
        // Rows shared by threads; two directions and rows of different lengths; and, with two rows for four threads, units.
        foreach (var (kind, hidden, bidirectional, batch) in new[] { ("text", 33, false, 7), ("labelled", 20, true, 7), ("text", 128, false, 2) })
        {
            string[] hashes = [.. Ways.Select(way => Train(kind, hidden, 2, 0, bidirectional, way.Threads, way.Width, sentences: 12, cell: cell, batch: batch))];
            Assert.All(hashes, hash => Assert.Equal(hashes[0], hash));
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_scalar_definition_of_every_cell_gives_the_same_weights_too(CellKind cell) => Assert.Equal(
        Train("lines", 9, 1, 0, false, 1, null, sentences: 12, cell: cell), Train("lines", 9, 1, 0, false, 2, SimdWidth.Scalar, sentences: 12, cell: cell));

    [Fact]
    public void The_scalar_definition_gives_the_same_weights_too() =>
        Assert.Equal(Train("lines", 9, 1, 0.2, false, 1, null, sentences: 24), Train("lines", 9, 1, 0.2, false, 2, SimdWidth.Scalar, sentences: 24));

    [Fact]
    public void Another_seed_gives_other_weights() =>
        Assert.NotEqual(Train("lines", 16, 1, 0, false, 1, null, seed: 1), Train("lines", 16, 1, 0, false, 1, null, seed: 2));

    private static string Train(string kind, int hidden, int layers, double dropout, bool bidirectional, int threads, SimdWidth? width, long seed = 1, int sentences = 90, CellKind cell = CellKind.Lstm, int batch = 7, TrainingRequest? options = null)
    {
        var (task, data) = kind switch
        {
            "text" => (TaskKind.LanguageModel, TrainingRuns.Text(sentences)),
            "lines" => (TaskKind.LanguageModel, TrainingRuns.Lines(sentences)),
            _ => (TaskKind.Classification, TrainingRuns.Labelled(sentences)),
        };
        var architecture = new ArchitectureRequest { Cell = cell, HiddenSize = hidden, EmbeddingSize = 13, Layers = layers, Dropout = dropout, Bidirectional = bidirectional };
        options ??= new TrainingRequest();
        var settings = options with { Epochs = options.Epochs ?? 2, BatchSize = batch, SequenceLength = 30, LearningRate = options.LearningRate ?? 0.01, Seed = seed };
        using var outcome = TrainingRuns.Train(task, data, architecture, settings, threads, width);
        return TrainingRuns.Hash(outcome.Model);
    }
}
