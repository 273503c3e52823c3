using SequenceModels.Kernels;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Tasks;

/// <summary>With every option of the layers a training step has the same bits on any number of threads and at any vector width, and so has a whole training.</summary>
public sealed class LayerOptionExactnessTests
{
    private static readonly (int Threads, SimdWidth? Width)[] s_ways =
        [(1, null), (2, null), (4, null), (1, SimdWidth.Vector512), (2, SimdWidth.Vector256), (3, SimdWidth.Vector128), (1, SimdWidth.Scalar)];

    public static TheoryData<TaskKind, string> Options
    {
        get
        {
            var data = new TheoryData<TaskKind, string>();
            foreach (var task in Enum.GetValues<TaskKind>())
            {
                foreach (string names in LayerOptions.Of(task).Append(string.Join('+', LayerOptions.Of(task))))
                    data.Add(task, names);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Options))]
    public void A_step_s_loss_and_gradients_are_the_same_bits(TaskKind task, string options)
    {
        foreach (var (cell, hidden) in new[] { (CellKind.Lstm, 17), (CellKind.Gru, 32) })
        {
            var architecture = LayerOptions.With(
                new() { Cell = cell, Layers = 2, HiddenSize = hidden, EmbeddingSize = 13, Bidirectional = task == TaskKind.Classification, Pooling = task == TaskKind.Classification ? PoolingKind.Max : null },
                options.Split('+'));
            foreach (bool table in new[] { false, architecture.InputDropout is null })
            {
                float[][] runs = [.. s_ways.Where(way => way.Width != SimdWidth.Scalar || hidden == 17).Select(way => Run(task, architecture, table, way.Threads, way.Width))];
                Assert.All(runs, run => Assert.Equal(runs[0], run));
            }
        }
    }

    [Fact]
    public void So_are_those_of_labels_that_a_language_model_reads_and_of_all_poolings_together()
    {
        foreach (int hidden in new[] { 17, 32 })
        {
            var read = LayerOptions.With(new() { Layers = 2, HiddenSize = hidden, EmbeddingSize = 33 }, "variational", "embeddingDropout");
            var pooled = new ArchitectureSettings { Layers = 2, HiddenSize = hidden, EmbeddingSize = 13, Bidirectional = true, Pooling = PoolingKind.Concat, OutputDropout = 0.2 };
            float[][] language = [.. s_ways.Select(way => Run(TaskKind.LanguageModel, read, table: false, way.Threads, way.Width, conditional: true))];
            float[][] classifier = [.. s_ways.Select(way => Run(TaskKind.Classification, pooled, table: true, way.Threads, way.Width))];
            Assert.All(language, run => Assert.Equal(language[0], run));
            Assert.All(classifier, run => Assert.Equal(classifier[0], run));
        }
    }

    public static TheoryData<CellKind> Cells => [.. Enum.GetValues<CellKind>().Except([CellKind.Lstm])];

    [Theory, MemberData(nameof(Cells))]
    public void So_are_those_of_every_cell(CellKind cell)
    {
        foreach (var (options, hidden) in new[] { ("zoneout", 17), ("weightDropout", 32), ("variational+zoneout+weightDropout+residual+layerNorm+learnedInitialState", 17) })
        {
            var architecture = LayerOptions.With(
                new() { Cell = cell, Layers = 2, HiddenSize = hidden, EmbeddingSize = 13, Bidirectional = true, Pooling = PoolingKind.Max }, options.Split('+'));
            float[][] runs = [.. new[] { 1, 2, 4 }.Select(threads => Run(TaskKind.Classification, architecture, table: architecture.InputDropout is null, threads, null)),
                Run(TaskKind.Classification, architecture, table: architecture.InputDropout is null, 1, SimdWidth.Vector128)];
            Assert.All(runs, run => Assert.Equal(runs[0], run));
        }
    }

    [Theory]
    [InlineData(TaskKind.LanguageModel)]
    [InlineData(TaskKind.Classification)]
    public void A_training_with_all_options_gives_the_same_weights_and_learns(TaskKind task)
    {
        var architecture = new ArchitectureRequest
        {
            HiddenSize = 20,
            EmbeddingSize = 12,
            Layers = 2,
            Dropout = 0.1,
            DropoutKind = DropoutKind.Variational,
            InputDropout = 0.05,
            OutputDropout = 0.1,
            EmbeddingDropout = 0.05,
            WeightDropout = 0.1,
            Zoneout = 0.1,
            Residual = true,
            LayerNorm = true,
            LearnedInitialState = true,
            TiedEmbeddings = task == TaskKind.LanguageModel,
            Pooling = task == TaskKind.Classification ? PoolingKind.Attention : null,
        };
        var data = task == TaskKind.LanguageModel ? TrainingRuns.Text(90) : TrainingRuns.Labelled(90);
        var settings = new TrainingRequest { Epochs = 4, BatchSize = 7, SequenceLength = 30, LearningRate = 0.01, Seed = 1 };
        var hashes = new List<string>();
        foreach (var (threads, width) in new (int, SimdWidth?)[] { (1, null), (4, null), (2, SimdWidth.Vector128) })
        {
            using var outcome = TrainingRuns.Train(task, data, architecture, settings, threads, width);
            hashes.Add(TrainingRuns.Hash(outcome.Model));
            Assert.True(outcome.Curve[^1].ValidationLoss < 0.9 * outcome.Curve[0].ValidationLoss, $"The loss went from {outcome.Curve[0].ValidationLoss} to {outcome.Curve[^1].ValidationLoss}.");
        }

        Assert.All(hashes, hash => Assert.Equal(hashes[0], hash));
    }

    private static float[] Run(TaskKind task, ArchitectureSettings architecture, bool table, int threads, SimdWidth? width, bool conditional = false)
    {
        using var step = new NetworkStep(task, architecture, table, threads, width, conditional);
        float loss = (float)step.Run();
        return [loss, .. step.Parameters.Parameters.SelectMany(parameter => parameter.Gradients.ToArray())];
    }
}
