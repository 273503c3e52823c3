using System.Buffers.Binary;
using System.Security.Cryptography;
using SequenceModels.Kernels;
using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Exactness;

/// <summary>SHA-256 of what kernels, trainings and inference give: equal wherever the bits are.</summary>
internal static class ExactnessHashes
{
    /// <summary>The hash of every kernel of a set.</summary>
    public static IReadOnlyDictionary<string, string> Kernels(KernelSet kernels) => KernelRuns.All.ToDictionary(run => run.Key, run => Hash(run.Value(kernels)));

    /// <summary>The hash of the weights of one tiny training.</summary>
    public static IReadOnlyDictionary<string, string> TinyTraining(int threads) => new Dictionary<string, string>
    {
        ["lines"] = Train(TaskKind.LanguageModel, "lines", new() { HiddenSize = 9, EmbeddingSize = 5, Dropout = 0.2 }, threads, sentences: 24),
    };

    /// <summary>The hashes of the weights of a training of each kind of data, and of what the models say.</summary>
    public static IReadOnlyDictionary<string, string> Trainings(int threads) => new Dictionary<string, string>(TinyTraining(threads))
    {
        ["text, two layers"] = Train(TaskKind.LanguageModel, "text", new() { HiddenSize = 33, EmbeddingSize = 13, Layers = 2, Dropout = 0.3 }, threads, sentences: 60),
        ["labelled, two directions"] = Train(TaskKind.Classification, "labelled", new() { HiddenSize = 20, EmbeddingSize = 13, Bidirectional = true, Dropout = 0.4 }, threads, sentences: 60),
    };

    private static string Train(TaskKind task, string kind, ArchitectureRequest architecture, int threads, int sentences)
    {
        var data = kind switch
        {
            "text" => TrainingRuns.Text(sentences),
            "lines" => TrainingRuns.Lines(sentences),
            _ => TrainingRuns.Labelled(sentences),
        };
        using var outcome = TrainingRuns.Train(task, data, architecture, new() { Epochs = 2, BatchSize = 7, SequenceLength = 30, LearningRate = 0.01, Seed = 1 }, threads);
        return $"{TrainingRuns.Hash(outcome.Model)} {Hash(Say(outcome.Model))}";
    }

    /// <summary>Log-probabilities of three samples, or probabilities of three texts.</summary>
    private static IEnumerable<float> Say(SequenceModel model)
    {
        if (model is SequenceClassifier classifier)
            return classifier.Classify(TrainingRuns.Sentences(3), default).SelectMany(result => result.Probabilities.Values).Select(value => (float)value);
        var language = (LanguageModel)model;
        var settings = new SamplingSettings { Choices = 3, MaxTokens = 25, Seed = 5, TopP = 0.95, Temperature = 0.9 };
        return TextGenerator.Generate(language.CreateStepper, language.Tokenizer, language.StartToken, "", settings, default).Select(text => (float)text.LogProbability);
    }

    private static string Hash(IEnumerable<float> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = new byte[sizeof(float)];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
