using System.Text.Json.Nodes;
using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Tasks;

/// <summary>Models as folders: what was saved is what is loaded; nothing half-written; damage is told.</summary>
public sealed class ModelFolderTests : IDisposable
{
    private static readonly string[] s_lines = [.. Enumerable.Range(0, 40).Select(i => $"{"abcde"[i % 5]}{"xyz"[i % 3]}{"abcde"[i / 5 % 5]}")];
    private static readonly TrainOptions s_quick = new() { Architecture = new() { HiddenSize = 8, EmbeddingSize = 4 }, Training = new() { Epochs = 1 }, Threads = 1 };
    private readonly string _folder = Directory.CreateTempSubdirectory("model-folder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_language_model_samples_and_scores_the_same_after_loading()
    {
        using var model = LanguageModel.Train(s_lines, s_quick);
        model.Save(Target);
        using var loaded = LanguageModel.Load(Target);

        Assert.Equal(model.Architecture, loaded.Architecture);
        Assert.Equal(model.Sample(5, new() { Seed = 3 }).Select(text => text.Text), loaded.Sample(5, new() { Seed = 3 }).Select(text => text.Text));
        Assert.Equal(model.Score("axa").LogProbability, loaded.Score("axa").LogProbability);
        Assert.Equal(["manifest.json", "tokenizer.json", "weights.safetensors"], Directory.GetFiles(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_classifier_reads_as_much_of_a_text_after_loading()
    {
        var examples = s_lines.Select((line, i) => new LabelledText(line, i % 2 == 0 ? "even" : "odd")).ToArray();
        using var model = SequenceClassifier.Train(examples, s_quick);
        model.Save(Target);
        using var loaded = SequenceClassifier.Load(Target);

        Assert.Equal(model.Labels, loaded.Labels);
        Assert.Equal(model.MaximumTokens, loaded.MaximumTokens);
        Assert.Equal(model.Classify("axa").Probabilities, loaded.Classify("axa").Probabilities);
    }

    [Fact]
    public void The_same_options_give_the_same_bytes_on_any_number_of_threads()
    {
        foreach (int threads in new[] { 1, 3 })
        {
            using var model = LanguageModel.Train(s_lines, s_quick with { Threads = threads });
            model.Save(Path.Combine(_folder, threads.ToString()));
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "1", "weights.safetensors")), File.ReadAllBytes(Path.Combine(_folder, "3", "weights.safetensors")));
    }

    [Fact]
    public void A_separator_at_the_end_of_the_folder_s_name_changes_nothing()
    {
        using var model = LanguageModel.Train(s_lines, s_quick);
        model.Save(Target + Path.DirectorySeparatorChar);
        using var loaded = LanguageModel.Load(Target + Path.DirectorySeparatorChar);
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_folder_that_exists_is_left_as_it_is()
    {
        Directory.CreateDirectory(Target);
        using var model = LanguageModel.Train(s_lines, s_quick);
        var problem = Assert.Throws<IOException>(() => model.Save(Target));
        Assert.Contains(Target, problem.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("formatVersion", 2, "formatVersion 2")]
    [InlineData("task", "classification", "to classify, not a language")]
    [InlineData("labels", null, "labels")]
    public void A_manifest_that_is_not_this_model_s_is_refused(string member, object? value, string said)
    {
        using (var model = LanguageModel.Train(s_lines, s_quick))
            model.Save(Target);
        string path = Path.Combine(Target, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest[member] = value is null ? null : JsonValue.Create(value);
        if (member == "task")
            manifest["training"] = new JsonObject { ["sequenceLength"] = 9 };
        File.WriteAllText(path, manifest.ToJsonString());

        var problem = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(Target));
        Assert.Contains(said, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("architecture", "hiddenSize", 0, "architecture.hiddenSize is 0; 1..4096")]
    [InlineData("architecture", "layers", 0, "architecture.layers is 0; 1..8")]
    [InlineData("training", "sequenceLength", 0, "training.sequenceLength is 0; 1..")]
    public void Numbers_of_a_manifest_that_no_model_has_are_refused(string part, string member, int value, string said)
    {
        using (var model = SequenceClassifier.Train([.. s_lines.Select((line, i) => new LabelledText(line, i % 2 == 0 ? "even" : "odd"))], s_quick))
            model.Save(Target);
        string path = Path.Combine(Target, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest[part]![member] = value;
        File.WriteAllText(path, manifest.ToJsonString());
        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => SequenceClassifier.Load(Target)).Message, StringComparison.Ordinal);

        manifest[part]![member] = 8;
        manifest["labels"] = new JsonArray("even", "even");
        File.WriteAllText(path, manifest.ToJsonString());
        Assert.Contains("stand twice", Assert.Throws<InvalidDataException>(() => SequenceClassifier.Load(Target)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_network_are_refused()
    {
        using (var model = LanguageModel.Train(s_lines, s_quick))
            model.Save(Target);
        File.WriteAllBytes(Path.Combine(Target, "weights.safetensors"), new byte[40]);
        var problem = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(Target));
        Assert.Contains("weights.safetensors", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_options_that_are_out_of_range_are_told_at_once()
    {
        var options = new TrainOptions { Architecture = new() { HiddenSize = 0, Dropout = 1 }, Training = new() { LearningRate = double.NaN }, ValidationFraction = 0.6, Threads = 0 };
        var problem = Assert.Throws<ArgumentException>(() => LanguageModel.Train(s_lines, options));
        foreach (string said in new[] { "Architecture.HiddenSize is 0; 1..4096", "Architecture.Dropout is 1; 0 to below 1", "Training.LearningRate is NaN; above 0 to 100", "ValidationFraction is 0.6; above 0 to 0.5", "Threads is 0; 1..1024" })
            Assert.Contains(said, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_learned_from_is_said()
    {
        Assert.Contains("Line 1 is empty", Assert.Throws<ArgumentException>(() => LanguageModel.Train(["a", ""])).Message, StringComparison.Ordinal);
        Assert.Contains("Example 0 has no label", Assert.Throws<ArgumentException>(() => SequenceClassifier.Train([new LabelledText("a", "")])).Message, StringComparison.Ordinal);
        var lines = new TrainingData.Lines(["a", "b"]);
        Assert.Contains("same kind", Assert.Throws<ArgumentException>(() => LanguageModel.Train(lines, new() { Validation = new TrainingData.ContinuousText("abc") })).Message, StringComparison.Ordinal);
        var weights = new TrainOptions { Training = new() { ClassWeights = new Dictionary<string, double> { ["x"] = 0 } } };
        Assert.Contains("ClassWeights['x'] is 0", Assert.Throws<ArgumentException>(() => SequenceClassifier.Train([new LabelledText("a", "x"), new LabelledText("b", "y")], weights)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 2 labels are needed", Assert.Throws<ArgumentException>(() => SequenceClassifier.Train([new LabelledText("a", "x"), new LabelledText("b", "x")])).Message, StringComparison.Ordinal);
    }

    private string Target => Path.Combine(_folder, "model");
}
