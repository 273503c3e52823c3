using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

public sealed class TrainingPlannerTests
{
    [Fact]
    public void What_was_chosen_stays_and_the_rest_is_filled_in()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(50), 0.2, 1);
        var plan = TrainingRuns.Plan(
            TaskKind.LanguageModel, training, validation, new() { HiddenSize = 77, Dropout = 0 }, new() { Epochs = 3, LearningRate = 0.5, Seed = 9 });

        Assert.Equal(77, plan.Architecture.HiddenSize);
        Assert.Equal(0, plan.Architecture.Dropout);
        Assert.Equal((3, 0.5, 9L), (plan.Training.Epochs, plan.Training.LearningRate, plan.Training.Seed));
        Assert.True(plan.Architecture.EmbeddingSize > 0 && plan.Training.BatchSize > 0 && plan.Training.SequenceLength > 0 && plan.StepsPerEpoch > 0 && plan.MemoryBytes > 0);
    }

    [Fact]
    public void Options_of_the_layers_are_off_unless_chosen_and_dropouts_follow_the_one_given()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Text(400), 0.2, 1);
        var none = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, new() { Dropout = 0.4 }).Architecture;
        Assert.Equal((DropoutKind.Standard, 0d, 0.4), (none.DropoutKind, none.InputDropout!.Value, none.OutputDropout!.Value)); // few tokens: a table
        Assert.Equal((0d, 0d, 0d), (none.EmbeddingDropout, none.WeightDropout, none.Zoneout));
        Assert.False(none.Residual || none.LayerNorm || none.TiedEmbeddings || none.LearnedInitialState);

        var chosen = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, new()
        {
            Dropout = 0.4,
            DropoutKind = DropoutKind.Variational,
            InputDropout = 0.1,
            OutputDropout = 0.2,
            EmbeddingDropout = 0.3,
            WeightDropout = 0.5,
            Zoneout = 0.6,
            Residual = true,
            LayerNorm = true,
            TiedEmbeddings = true,
            LearnedInitialState = true,
        }).Architecture;
        Assert.Equal((DropoutKind.Variational, 0.1, 0.2), (chosen.DropoutKind, chosen.InputDropout!.Value, chosen.OutputDropout!.Value));
        Assert.Equal((0.3, 0.5, 0.6), (chosen.EmbeddingDropout, chosen.WeightDropout, chosen.Zoneout));
        Assert.True(chosen.Residual && chosen.LayerNorm && chosen.TiedEmbeddings && chosen.LearnedInitialState);

        (training, validation) = DataSplitter.Split(TrainingRuns.Labelled(60), 0.2, 1);
        var classifier = TrainingRuns.Plan(TaskKind.Classification, training, validation, new() { Dropout = 0.4, Pooling = PoolingKind.Attention }).Architecture;
        Assert.Equal((0.4, 0.4, PoolingKind.Attention), (classifier.InputDropout!.Value, classifier.OutputDropout!.Value, classifier.Pooling!.Value));
    }

    [Fact]
    public void Classifiers_of_words_drop_words_by_the_length_of_the_texts_and_weigh_them()
    {
        TrainingData shortTexts = new TrainingData.Labelled([.. Enumerable.Range(0, 20).Select(i => new LabelledText(string.Join(' ', Enumerable.Repeat("word", 14)), $"{i % 2}"))]);
        TrainingData longTexts = new TrainingData.Labelled([.. Enumerable.Range(0, 20).Select(i => new LabelledText(string.Join(' ', Enumerable.Repeat("word", 15)), $"{i % 2}"))]);
        TrainingData names = new TrainingData.Labelled([.. Enumerable.Range(0, 20).Select(i => new LabelledText("word", $"{i % 2}"))]);
        Assert.Equal((0.2, PoolingKind.Attention), Chosen(shortTexts));
        Assert.Equal((0.5, PoolingKind.Attention), Chosen(longTexts));
        Assert.Equal((0, PoolingKind.Max), Chosen(names));

        // Who chooses dropout chooses all of it.
        Assert.Equal((0, PoolingKind.Max), Chosen(longTexts, new() { Dropout = 0.1, Pooling = PoolingKind.Max }));
        Assert.Equal((0.2, PoolingKind.Attention), Chosen(longTexts, new() { Dropout = 0.1, EmbeddingDropout = 0.2 }));

        static (double, PoolingKind) Chosen(TrainingData data, ArchitectureRequest? request = null)
        {
            var architecture = TrainingRuns.Plan(TaskKind.Classification, data, data, request).Architecture;
            return (architecture.EmbeddingDropout, architecture.Pooling!.Value);
        }
    }

    [Fact]
    public void A_few_lines_are_learned_with_tokens_and_recurrent_weights_dropped_and_a_long_text_without()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(100), 0.2, 1);
        var lines = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation).Architecture;
        Assert.Equal((0.5, 0.1, 0.3), (lines.Dropout, lines.EmbeddingDropout, lines.WeightDropout));
        lines = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, new() { Dropout = 0.5 }).Architecture;
        Assert.Equal((0.5, 0, 0), (lines.Dropout, lines.EmbeddingDropout, lines.WeightDropout));

        (training, validation) = DataSplitter.Split(TrainingRuns.Text(400), 0.2, 1);
        var text = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation).Architecture;
        Assert.Equal((0.3, 0, 0), (text.Dropout, text.EmbeddingDropout, text.WeightDropout));
    }

    [Fact]
    public void The_number_of_parameters_is_that_of_the_trained_model()
    {
        using var language = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(30), new() { HiddenSize = 9, Layers = 2 }, new() { Epochs = 1, Seed = 1 });
        using var classifier = TrainingRuns.Train(TaskKind.Classification, TrainingRuns.Labelled(30), new() { HiddenSize = 9, Bidirectional = true }, new() { Epochs = 1, Seed = 1 });
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(30), 0.2, 1);
        Assert.Equal(language.Model.Parameters.Count, TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, new() { HiddenSize = 9, Layers = 2 }).Parameters);
        (training, validation) = DataSplitter.Split(TrainingRuns.Labelled(30), 0.2, 1);
        Assert.Equal(classifier.Model.Parameters.Count, TrainingRuns.Plan(TaskKind.Classification, training, validation, new() { HiddenSize = 9, Bidirectional = true }).Parameters);
    }

    [Fact]
    public void Words_are_chosen_for_sentences_and_characters_for_names()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Labelled(30), 0.2, 1);
        Assert.Equal(TokenizerKind.Word, TrainingRuns.Plan(TaskKind.Classification, training, validation).Architecture.Tokenizer);

        TrainingData names = new TrainingData.Labelled([new("Ito", "a"), new("Sato", "a"), new("Smith", "b"), new("Jones", "b")]);
        Assert.Equal(TokenizerKind.Character, TrainingRuns.Plan(TaskKind.Classification, names, names).Architecture.Tokenizer);
    }

    [Fact]
    public void More_than_a_million_validations_are_refused_with_the_least_distance_that_would_do()
    {
        var (training, validation) = (TrainingRuns.Lines(450), TrainingRuns.Lines(9));
        var settings = new TrainingRequest { Epochs = 10_000, BatchSize = 2, Seed = 1 }; // 225 updates an epoch
        PlanOutcome Outcome(int? every) => TrainingPlanner.Resolve(TaskKind.LanguageModel, training, validation, new(), settings with { ValidateEverySteps = every });

        Assert.Equal(
            "training.validateEverySteps 2 would validate 1,125,000 times in 10,000 epochs of 225 updates; at most 1,000,000 times are allowed, so 3 or more is needed.", Outcome(2).Refusal);
        Assert.NotNull(Outcome(3).Plan);
        Assert.NotNull(Outcome(null).Plan);
    }

    [Theory]
    [InlineData("oneLabel", "at least 2 labels are needed")]
    [InlineData("linesForClassifier", "labelled texts")]
    [InlineData("shortText", "too short")]
    [InlineData("oneLine", "too few lines")]
    [InlineData("strangeLabel", "'c'|c")]
    [InlineData("bidirectional", "architecture.bidirectional")]
    [InlineData("pooling", "architecture.pooling")]
    [InlineData("tied", "architecture.tiedEmbeddings")]
    public void Data_that_cannot_be_learned_from_are_refused_with_what_would_be_enough(string what, string expected)
    {
        TrainingData labelled = new TrainingData.Labelled([new("x y z", "a"), new("y z x", "b")]);
        TrainingData strange = new TrainingData.Labelled([new("x y z", "c")]);
        TrainingData oneLabel = new TrainingData.Labelled([new("x", "a"), new("y", "a")]);
        TrainingData line = new TrainingData.Lines(["x"]);
        TrainingData text = new TrainingData.ContinuousText("short");
        var none = new ArchitectureRequest();
        var (task, training, validation, architecture) = what switch
        {
            "oneLabel" => (TaskKind.Classification, oneLabel, oneLabel, none),
            "linesForClassifier" => (TaskKind.Classification, TrainingRuns.Lines(9), TrainingRuns.Lines(9), none),
            "shortText" => (TaskKind.LanguageModel, text, text, none),
            "oneLine" => (TaskKind.LanguageModel, line, line, none),
            "strangeLabel" => (TaskKind.Classification, labelled, strange, none),
            "pooling" => (TaskKind.LanguageModel, TrainingRuns.Lines(9), TrainingRuns.Lines(9), new ArchitectureRequest { Pooling = PoolingKind.Attention }),
            "tied" => (TaskKind.Classification, labelled, labelled, new ArchitectureRequest { TiedEmbeddings = true }),
            _ => (TaskKind.LanguageModel, TrainingRuns.Lines(9), TrainingRuns.Lines(9), new ArchitectureRequest { Bidirectional = true }),
        };

        var outcome = TrainingPlanner.Resolve(task, training, validation, architecture, new() { Seed = 1 });
        Assert.Null(outcome.Plan);
        Assert.Contains(expected.Split('|'), part => outcome.Refusal!.Contains(part, StringComparison.Ordinal));
    }
}
