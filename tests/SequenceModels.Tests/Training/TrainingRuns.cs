using System.Security.Cryptography;
using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>Small training runs and the hash of what they give.</summary>
internal static class TrainingRuns
{
    private static readonly string[] Nouns = ["stone", "river", "lantern", "harbour", "meadow", "engine", "ladder", "violet"];
    private static readonly string[] Verbs = ["finds", "carries", "watches", "follows", "forgets"];

    /// <summary>Regular little sentences of different lengths.</summary>
    public static IReadOnlyList<string> Sentences(int count) =>
        [.. Enumerable.Range(0, count).Select(i => string.Join(' ', Enumerable.Range(0, 1 + i % 3).Select(j => $"the {Nouns[(i * 3 + j) % 8]} {Verbs[(i + j) % 5]} the {Nouns[(i * 5 + j * 3) % 8]}")))];

    public static TrainingData Text(int sentences) => new TrainingData.ContinuousText(string.Join(".\n", Sentences(sentences)));

    public static TrainingData Lines(int sentences) => new TrainingData.Lines(Sentences(sentences));

    /// <summary>Sentences labelled by whether they name a river.</summary>
    public static TrainingData Labelled(int sentences) =>
        new TrainingData.Labelled([.. Sentences(sentences).Select(text => new LabelledText(text, text.Contains("river", StringComparison.Ordinal) ? "wet" : "dry"))]);

    public static TrainingPlan Plan(TaskKind task, TrainingData training, TrainingData validation, ArchitectureRequest? architecture = null, TrainingRequest? settings = null)
    {
        var outcome = TrainingPlanner.Resolve(task, training, validation, architecture ?? new(), settings ?? new TrainingRequest { Seed = 1 });
        Assert.Null(outcome.Refusal);
        return outcome.Plan!;
    }

    public static TrainingOutcome Train(
        TaskKind task, TrainingData data, ArchitectureRequest architecture, TrainingRequest settings, int threads = 2, SimdWidth? width = null, Action<TrainingProgress>? report = null, CancellationToken cancellationToken = default)
    {
        var (training, validation) = DataSplitter.Split(data, 0.2, 1);
        var plan = Plan(task, training, validation, architecture, settings);
        var trainer = new Trainer(threads, width is null ? KernelSet.Best : KernelSet.For(width.Value));
        return trainer.Train(plan, training, validation, report ?? (_ => { }), cancellationToken);
    }

    public static string Hash(SequenceModel model)
    {
        using var stream = new MemoryStream();
        model.WriteWeights(stream);
        return Convert.ToHexStringLower(SHA256.HashData(stream.ToArray()));
    }
}
