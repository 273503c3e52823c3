using SequenceModels.Data;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Tests.Baselines;
using SequenceModels.Training;
using Xunit.Abstractions;

namespace SequenceModels.Tests.Training;

/// <summary>What starting from a language model gains, and whether a label is heeded, on real data (docs/transfer.md has the tables). Run with <c>dotnet test --filter Category=RealData</c> and RNN_DATA set.</summary>
[Trait("Category", "RealData")]
public sealed class RealDataTransferTests(ITestOutputHelper output)
{
    private const int Threads = 2;

    /// <summary>A language model worth starting from: its embeddings are learned from both sides.</summary>
    private static readonly ArchitectureRequest s_language = new()
    {
        Layers = 1,
        HiddenSize = 128,
        EmbeddingSize = 100,
        Tokenizer = TokenizerKind.Word,
        LowerCase = true,
        TiedEmbeddings = true,
        Dropout = 0.4,
        MinimumCount = 2,
    };

    [RealDataFact]
    public void Film_reviews_are_told_apart_better_by_a_classifier_that_starts_from_a_language_model_of_them()
    {
        var (shown, unseen) = DataSplitter.Split(Read(new(DatasetFormat.Tsv), "mr", "mr.train.tsv"), 0.15, 2018);
        double gain = Gain(
            shown, unseen, s_language, new TrainingRequest { Epochs = 20, EarlyStoppingPatience = 2, LearningRate = 0.004, BatchSize = 32, Seed = 1 },
            new TrainingRequest { BatchSize = 32, LearningRate = 0.001, Epochs = 30, EarlyStoppingPatience = 5 });
        Assert.True(gain >= 0.01, $"The mean gain of three seeds is {gain:P1}.");
    }

    [RealDataFact]
    public void Long_film_reviews_are_too()
    {
        double gain = Gain(
            Read(new(DatasetFormat.Tsv), "imdb_subset", "imdb.train.tsv"), Read(new(DatasetFormat.Tsv), "imdb_subset", "imdb.test.tsv"), s_language with { MinimumCount = 4 },
            new TrainingRequest { Epochs = 12, EarlyStoppingPatience = 2, LearningRate = 0.004, BatchSize = 16, SequenceLength = 400, Seed = 1 },
            new TrainingRequest { BatchSize = 16, LearningRate = 0.002, Epochs = 60, EarlyStoppingPatience = 4, SequenceLength = 400 });
        Assert.True(gain >= 0.005, $"The mean gain of three seeds is {gain:P1}.");
    }

    [RealDataFact]
    public void Names_that_are_drawn_of_a_language_are_taken_for_that_language_s()
    {
        var (training, validation) = DataSplitter.Split(Read(new(DatasetFormat.Tsv, TextColumn: "name", LabelColumn: "language"), "names18", "names18.train.tsv"), 0.1, 1);
        var trainer = new Trainer(Threads);
        ArchitectureRequest drawn = new() { Layers = 1, HiddenSize = 192, EmbeddingSize = 48, Dropout = 0.2, InputDropout = 0 }, judged = new() { Layers = 1, HiddenSize = 128, EmbeddingSize = 32, Dropout = 0.3, Pooling = PoolingKind.Max };
        using var drawing = trainer.Train(Plan(TaskKind.LanguageModel, training, validation, drawn, new() { Epochs = 60, BatchSize = 64, LearningRate = 0.003, EarlyStoppingPatience = 5, Seed = 1 }), training, validation, _ => { }, default);
        using var judging = trainer.Train(Plan(TaskKind.Classification, training, validation, judged, new() { Epochs = 40, BatchSize = 32, LearningRate = 0.002, EarlyStoppingPatience = 8, Seed = 101 }), training, validation, _ => { }, default);
        output.WriteLine($"language model {drawing.Metrics["validationLoss"]:F4} nats a character, judge {judging.Metrics["accuracy"]:P1} right");
        foreach (string language in new[] { "Japanese", "Russian" })
        {
            double real = Share(language, [.. ((TrainingData.Labelled)validation).Items.Where(item => item.Label == language).Select(item => item.Text)]);
            double plain = Share(language, Drawn(language, 1)), cooler = Share(language, Drawn(language, 0.8));
            output.WriteLine($"{language}: {plain:P1} at temperature 1, {cooler:P1} at 0.8, {real:P1} of real held-out names; {string.Join(' ', Drawn(language, 1).Take(10))}");
            Assert.True(cooler >= 0.9, $"{cooler:P1} of the {language} names are taken for such.");
        }

        // 1024 names: the standard error of a share of 0.9 is 0.01.
        string[] Drawn(string language, double temperature) => [.. Enumerable.Range(1, 4)
            .SelectMany(seed => ((LanguageModel)drawing.Model).Sample(language, 256, new SamplingSettings { Seed = seed, MaxTokens = 40, Temperature = temperature })).Select(text => text.Text)];
        double Share(string language, string[] names) => ((SequenceClassifier)judging.Model).Classify(names, default).Count(found => found.Label == language) / (double)names.Length;
    }

    /// <summary>The mean gain in accuracy on unseen examples, of three seeds, over the same network from nothing.</summary>
    private double Gain(TrainingData shown, TrainingData unseen, ArchitectureRequest architecture, TrainingRequest pretraining, TrainingRequest fromNothing)
    {
        var trainer = new Trainer(Threads);
        var (texts, heldTexts) = DataSplitter.Split(shown.WithoutLabels(), 0.1, 1);
        using var language = trainer.Train(Plan(TaskKind.LanguageModel, texts, heldTexts, architecture, pretraining), texts, heldTexts, _ => { }, default);
        using var start = TrainingBase.Of(BaseKind.BaseModel, language.Model);
        var common = new ArchitectureRequest { Dropout = 0.5, MinimumCount = 2 };
        var same = common with { Layers = 1, HiddenSize = 128, EmbeddingSize = 100, Bidirectional = false, Pooling = PoolingKind.Concat, Tokenizer = TokenizerKind.Word, LowerCase = true };
        var fineTuning = new TrainingRequest { BatchSize = fromNothing.BatchSize, SequenceLength = fromNothing.SequenceLength };
        double sum = 0;
        foreach (int seed in new[] { 1, 2, 3 })
        {
            var (training, validation) = DataSplitter.Split(shown, 0.1, seed);
            double Accuracy(ArchitectureRequest network, TrainingRequest run, TrainingBase? from)
            {
                var plan = Plan(TaskKind.Classification, training, validation, network, run with { Seed = seed }, from);
                using var outcome = trainer.Train(plan, training, validation, _ => { }, default);
                return outcome.Model.Evaluate(unseen, plan.Training.SequenceLength, Threads, default)["accuracy"];
            }

            double fine = Accuracy(common, fineTuning, start), fresh = Accuracy(same, fromNothing, null);
            output.WriteLine($"seed {seed}: {fine:P1} from the language model (perplexity {language.Metrics["perplexity"]:F1}), {fresh:P1} from nothing");
            sum += fine - fresh;
        }

        return sum / 3;
    }

    private static TrainingPlan Plan(TaskKind task, TrainingData training, TrainingData validation, ArchitectureRequest architecture, TrainingRequest settings, TrainingBase? start = null)
    {
        var outcome = TrainingPlanner.Resolve(task, training, validation, architecture, settings, Threads, start);
        Assert.Null(outcome.Refusal);
        return outcome.Plan!;
    }

    private static TrainingData Read(DatasetOptions options, params string[] path)
    {
        using var file = File.OpenRead(Path.Combine([RealDataFactAttribute.Folder!, .. path]));
        return DatasetReader.Read(file, options, default);
    }
}
