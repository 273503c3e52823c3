using SequenceModels.Data;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tests.Baselines;
using SequenceModels.Tests.Training;
using SequenceModels.Training;
using Xunit.Abstractions;

namespace SequenceModels.Tests.Tasks;

/// <summary>What lower precisions of the weights cost on real data.</summary>
[Trait("Category", "RealData")]
public sealed class RealDataPrecisionTests(ITestOutputHelper output)
{
    [RealDataFact]
    public void Shakespeare_loses_less_than_half_a_percent()
    {
        string text = File.ReadAllText(Path.Combine(RealDataFactAttribute.Folder!, "tinyshakespeare", "input.txt"));
        int cut = text.Length * 9 / 10;
        TrainingData training = new TrainingData.ContinuousText(text[..cut]), validation = new TrainingData.ContinuousText(text[cut..]);
        var plan = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, new() { Layers = 1, HiddenSize = 128 }, new() { MaxSeconds = 30, Seed = 1 });
        using var outcome = new Trainer(2).Train(plan, training, validation, _ => { }, default);
        double full = Measure(outcome.Model, validation, plan, WeightPrecision.Float32)["validationLoss"];

        Assert.InRange(full, 1, 2.2);
        foreach (var precision in new[] { WeightPrecision.Bfloat16, WeightPrecision.Int8 })
            Assert.InRange(Measure(outcome.Model, validation, plan, precision)["validationLoss"], full * 0.995, full * 1.005);
    }

    [RealDataFact]
    public void Film_reviews_lose_less_than_three_in_a_thousand()
    {
        LabelledText[] rows = [.. File.ReadLines(Path.Combine(RealDataFactAttribute.Folder!, "mr", "mr.train.tsv")).Skip(1).Select(line => line.Split('\t')).Select(fields => new LabelledText(fields[1], fields[0]))];
        new CounterRandom(1, RandomPurpose.Split).Shuffle(rows.AsSpan());
        int cut = rows.Length * 80 / 100;
        TrainingData training = new TrainingData.Labelled(rows[..cut]), validation = new TrainingData.Labelled(rows[cut..]);
        var plan = TrainingRuns.Plan(TaskKind.Classification, training, validation, null, new() { MaxSeconds = 30, Seed = 1 });
        using var outcome = new Trainer(2).Train(plan, training, validation, _ => { }, default);
        double full = Measure(outcome.Model, validation, plan, WeightPrecision.Float32)["accuracy"];

        Assert.InRange(full, 0.68, 0.85);
        foreach (var precision in new[] { WeightPrecision.Bfloat16, WeightPrecision.Int8 })
            Assert.InRange(Measure(outcome.Model, validation, plan, precision)["accuracy"], full - 0.003, full + 0.003);
    }

    private IReadOnlyDictionary<string, double> Measure(SequenceModel model, TrainingData validation, TrainingPlan plan, WeightPrecision precision)
    {
        var metrics = model.Evaluate(validation, plan.Training.SequenceLength, 2, precision, default);
        output.WriteLine($"{precision}: {string.Join(", ", metrics.Select(metric => FormattableString.Invariant($"{metric.Key} {metric.Value:F5}")))}");
        return metrics;
    }
}
