using System.Globalization;
using SequenceModels.Shapes;
using SequenceModels.Tests.Baselines;
using SequenceModels.Training;
using Xunit.Abstractions;

namespace SequenceModels.Tests.Shapes;

/// <summary>Who speaks, from frames of sound. Figures: docs/shapes.md.</summary>
public sealed class JapaneseVowelsTests(ITestOutputHelper output)
{
    [RealDataFact, Trait("Category", "RealData")]
    public void Speakers_are_told_apart_on_what_was_not_seen()
    {
        var examples = JapaneseVowels.Read(RealDataFactAttribute.Folder!);
        Assert.Equal(270, examples.Length);
        Assert.Equal(4274, examples.Sum(example => example.Input.Length));
        double[] accuracies = [.. Enumerable.Range(1, 5).Select(seed => Accuracy(examples, seed))];
        output.WriteLine($"Mean of the accuracies: {accuracies.Average().ToString("P1", CultureInfo.InvariantCulture)}; each {string.Join(", ", accuracies.Select(accuracy => accuracy.ToString("P1", CultureInfo.InvariantCulture)))}");
        Assert.True(accuracies.Average() >= 0.95, $"The accuracies are {string.Join(", ", accuracies)}.");
    }

    // Nothing is chosen on the unseen part: the weights kept are those of the least loss on a fifth of the training part.
    private static double Accuracy(SequenceExample[] examples, long seed)
    {
        var (seen, unseen) = JapaneseVowels.Split(examples, seed);
        var (training, validation) = JapaneseVowels.Split(seen, seed + 100);
        var settings = new TrainingSettings { Epochs = 60, BatchSize = 16, LearningRate = 0.005, EarlyStoppingPatience = 60, Seed = seed };
        using var outcome = new SequenceTaskTrainer(2).Train(JapaneseVowels.Task, settings, training, validation, new TrainingControl(), null, default)!;
        return outcome.Model.Evaluate(unseen)["accuracy"];
    }
}
