using SequenceModels.Data;
using SequenceModels.Evaluation;
using SequenceModels.Kernels;
using SequenceModels.Serialization.Onnx;
using SequenceModels.Tasks;
using SequenceModels.Tests.Serialization.Onnx;
using SequenceModels.Tests.Training;
using SequenceModels.Training;

namespace SequenceModels.Tests.Evaluation;

public sealed class ClassifierEvaluationTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 16, EmbeddingSize = 8, Dropout = 0 };
    private static readonly TrainingRequest Short = new() { Epochs = 3, BatchSize = 16, LearningRate = 0.005, Seed = 3 };

    [Fact]
    public void All_metrics_follow_from_what_the_classifier_says_of_each_text()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, Noisy(300), Small, Short);
        var model = (SequenceClassifier)outcome.Model;
        var validation = (TrainingData.Labelled)DataSplitter.Split(Noisy(300), 0.2, 1).Validation;
        var measured = (ClassifierEvaluation)model.Measure(validation, 512, 1, seed: 3, default);
        var said = model.Classify([.. validation.Items.Select(item => item.Text)], default);

        int[] labels = [.. validation.Items.Select(item => item.Label == "wet" ? 1 : 0)];
        double[] probabilities = [.. said.SelectMany(result => new[] { result.Probabilities["dry"], result.Probabilities["wet"] })];
        Assert.Equal(ProbabilityScores.LogLoss(probabilities, labels, 2), measured.Metrics["logLoss"], 1e-9);
        Assert.Equal(ProbabilityScores.Brier(probabilities, labels, 2), measured.Metrics["brier"], 1e-9);
        Assert.Equal(RocAuc.Binary([.. said.Select(result => result.Probabilities["wet"])], [.. labels.Select(label => label == 1)]), measured.Metrics["rocAuc"], 1e-9);
        Assert.Equal(said.Zip(validation.Items).Count(pair => pair.First.Label == pair.Second.Label) / (double)labels.Length, measured.Metrics["accuracy"]);
        var table = new ReliabilityTable();
        foreach (var (result, item) in said.Zip(validation.Items))
            table.Add(result.Probability, result.Label == item.Label);
        Assert.Equal(table.ExpectedCalibrationError, measured.Metrics["calibrationError"], 1e-9);
        Assert.Equal(table.Bins.Select(bin => bin.Count), measured.Calibrated.Reliability.Bins.Select(bin => bin.Count));

        // What training told has the same bits.
        foreach (var (name, value) in outcome.Metrics)
            Assert.Equal(value, measured.Metrics[name]);
        foreach (var (name, interval) in measured.Intervals)
            Assert.True(interval.Contains(measured.Metrics[name]), $"{name}: {measured.Metrics[name]} in {interval}");
        Assert.Equal(["accuracy", "macroF1", "validationLoss", "logLoss"], measured.Intervals.Keys);

        // The hardest, by asking the classifier of each.
        var hardest = said.Select((result, index) => (Index: index, Loss: -Math.Log(result.Probabilities[validation.Items[index].Label]))).OrderByDescending(item => item.Loss).ThenBy(item => item.Index).Take(20).ToList();
        Assert.Equal(20, measured.Hardest.Count);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(hardest[i].Loss, measured.Hardest[i].Loss, 1e-9);
            var item = validation.Items[measured.Hardest[i].Index];
            Assert.Equal(item.Label, model.Labels[measured.Hardest[i].Label]);
            Assert.Equal(said[measured.Hardest[i].Index].Label, model.Labels[measured.Hardest[i].Predicted]);
            Assert.Equal(said[measured.Hardest[i].Index].Probability, measured.Hardest[i].Probability, 1e-12);
        }
    }

    [Fact]
    public void The_fitted_temperature_makes_the_held_out_loss_least_and_changes_no_label()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, Noisy(400), Small, Short with { Epochs = 12 });
        var model = (SequenceClassifier)outcome.Model;
        var validation = DataSplitter.Split(Noisy(400), 0.2, 1).Validation;
        Assert.Null(outcome.Temperature!.Value.NotFitted);
        Assert.NotEqual(1, model.Temperature);
        Assert.Equal(outcome.Temperature.Value.Temperature, model.Temperature);

        using var weights = new MemoryStream();
        model.WriteWeights(weights);
        double LossAt(double temperature)
        {
            using var other = Load(model, weights, temperature);
            return other.Measure(validation, 512, 1, 3, default).Metrics["logLoss"];
        }

        double least = LossAt(model.Temperature);
        Assert.True(least < LossAt(model.Temperature * 1.05) && least < LossAt(model.Temperature / 1.05) && least < LossAt(1));
        var texts = TrainingRuns.Sentences(60);
        using var plain = Load(model, weights, 1);
        Assert.Equal(((SequenceClassifier)plain).Classify(texts, default).Select(result => result.Label), model.Classify(texts, default).Select(result => result.Label));
        Assert.NotEqual(((SequenceClassifier)plain).Classify(texts, default)[0].Probability, model.Classify(texts, default)[0].Probability);
        foreach (var precision in new[] { WeightPrecision.Bfloat16, WeightPrecision.Int8 })
        {
            using var lowered = Load(model, weights, model.Temperature, precision);
            var (own, other) = (((SequenceClassifier)lowered).Classify(texts, default), model.Classify(texts, default));
            Assert.All(own.Zip(other), pair => Assert.Equal(pair.Second.Probabilities["wet"], pair.First.Probabilities["wet"], 0.03));
        }
    }

    [Fact]
    public void Temperature_and_evaluation_have_the_same_bits_on_any_number_of_threads_and_any_width()
    {
        var seen = new HashSet<string>();
        foreach (var (threads, width) in new[] { (1, SimdWidth.Scalar), (1, SimdWidth.Vector128), (3, SimdWidth.Vector256), (2, KernelSet.Best.Width) })
        {
            using var outcome = TrainingRuns.Train(TaskKind.Classification, Noisy(200), Small, Short, threads, width);
            var measured = (ClassifierEvaluation)outcome.Model.Measure(Noisy(100), 512, threads, 3, default);
            seen.Add(string.Join(' ', measured.Metrics.Values.Concat(measured.Intervals.Values.SelectMany(interval => new[] { interval.Lower, interval.Upper })).Append(((SequenceClassifier)outcome.Model).Temperature)
                .Select(BitConverter.DoubleToInt64Bits)));
        }

        Assert.Single(seen);
    }

    [Fact]
    public void An_ONNX_file_gives_the_probabilities_of_the_temperature()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, Noisy(100), Small, Short with { Epochs = 1 });
        using var weights = new MemoryStream();
        outcome.Model.WriteWeights(weights);
        using var model = Load((SequenceClassifier)outcome.Model, weights, 2.5);
        using var file = new MemoryStream();
        OnnxExport.Write(model, file);
        using var session = new OnnxSession(file.ToArray());
        Assert.Equal("2.5", session.Metadata["temperature"]);

        string text = TrainingRuns.Sentences(4)[3];
        int[] tokens = model.Tokenizer.Encode(text);
        float[] given = session.Run(OnnxSession.Tokens(tokens, tokens.Length, 1), OnnxSession.Value("lengths", new[] { tokens.Length }, 1))["probabilities"];
        var own = ((SequenceClassifier)model).Classify([text], default)[0];
        Assert.Equal(own.Probabilities["dry"], given[0], 1e-5);
        Assert.Equal(own.Probabilities["wet"], given[1], 1e-5);
    }

    [Fact]
    public void A_saved_classifier_keeps_its_temperature()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, Noisy(300), Small, Short);
        var model = (SequenceClassifier)outcome.Model;
        Assert.NotEqual(1, model.Temperature);
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            model.Save(folder);
            using (var loaded = SequenceClassifier.Load(folder))
            {
                Assert.Equal(model.Temperature, loaded.Temperature);
                Assert.Equal(model.Classify("the river").Probabilities, loaded.Classify("the river").Probabilities);
            }

            string manifest = Path.Combine(folder, "manifest.json");
            File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"temperature\": ", "\"temperature\": -", StringComparison.Ordinal));
            Assert.Contains("temperature", Assert.Throws<InvalidDataException>(() => SequenceClassifier.Load(folder)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_temperature_that_is_none_is_refused()
    {
        using var outcome = TrainingRuns.Train(TaskKind.Classification, Noisy(60), Small, Short with { Epochs = 1 });
        using var weights = new MemoryStream();
        outcome.Model.WriteWeights(weights);
        foreach (double wrong in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => Load((SequenceClassifier)outcome.Model, weights, wrong));
    }

    /// <summary>Sentences labelled by whether they name a river, each seventh wrongly: no classifier is always right.</summary>
    private static TrainingData.Labelled Noisy(int sentences) => new(
        [.. ((TrainingData.Labelled)TrainingRuns.Labelled(sentences)).Items.Select((item, index) => index % 7 == 3 ? item with { Label = item.Label == "wet" ? "dry" : "wet" } : item)]);

    private static SequenceModel Load(SequenceClassifier model, MemoryStream weights, double temperature, WeightPrecision precision = WeightPrecision.Float32)
    {
        weights.Position = 0;
        return SequenceModel.Load(model.Task, model.Architecture, model.Tokenizer, model.Labels, weights, model.MaximumTokens, precision, temperature: temperature);
    }
}
