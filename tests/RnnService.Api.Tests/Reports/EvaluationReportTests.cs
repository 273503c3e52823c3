using System.Text.Json.Nodes;
using RnnService.Api.Reports;
using RnnService.Api.Tests.TrainingJobs;
using SequenceModels.Data;
using SequenceModels.Evaluation;

namespace RnnService.Api.Tests.Reports;

public sealed class EvaluationReportTests
{
    [Fact]
    public async Task A_classifier_s_report_tells_intervals_labels_calibration_and_hard_examples_and_evaluating_the_same_data_tells_the_same()
    {
        await using var host = await ServiceHost.StartAsync();
        var held = NoisyExamples(60, from: 400);
        var request = TinyJobs.Classifier("moods", epochs: 6);
        request["dataset"] = new JsonObject { ["examples"] = NoisyExamples(200, from: 0) };
        request["validation"] = new JsonObject { ["dataset"] = new JsonObject { ["examples"] = held.DeepClone() } };
        await host.TrainAsync(request);

        var manifest = await host.GetAsync("/api/v1/models/moods/versions/1");
        var report = await host.GetAsync("/api/v1/models/moods/versions/1/report");
        var evaluation = report["evaluation"]!;
        Assert.Equal(manifest["metrics"]!.ToJsonString(), report["metrics"]!.ToJsonString());
        foreach (string name in new[] { "accuracy", "brier", "calibrationError", "examples", "logLoss", "macroF1", "microF1", "rocAuc", "validationLoss" })
            Assert.NotNull(report["metrics"]![name]);
        Assert.Equal(0.95, (double)evaluation["confidence"]!["level"]!);
        foreach (string name in new[] { "accuracy", "logLoss", "macroF1", "validationLoss" })
        {
            var range = evaluation["confidence"]!["intervals"]![name]!;
            Assert.InRange((double)report["metrics"]![name]!, (double)range["lower"]!, (double)range["upper"]!);
        }

        var counts = evaluation["confusion"]!["counts"]!.AsArray().Select(row => row!.AsArray().Select(count => (long)count!).ToArray()).ToArray();
        Assert.Equal(60, counts.Sum(row => row.Sum()));
        Assert.Equal((double)report["metrics"]!["accuracy"]!, (counts[0][0] + counts[1][1]) / 60.0, 1e-12);
        Assert.Equal(["negative", "positive"], evaluation["classes"]!.AsArray().Select(label => (string?)label!["label"]));
        Assert.Equal(counts[0].Sum(), (long)evaluation["classes"]![0]!["support"]!);
        double temperature = (double)manifest["temperature"]!;
        Assert.Equal(temperature, (double)evaluation["calibration"]!["temperature"]!);
        Assert.NotEqual(1, temperature);
        Assert.Null(evaluation["calibration"]!["notFitted"]);
        Assert.True((double)evaluation["calibration"]!["after"]!["logLoss"]! < (double)evaluation["calibration"]!["before"]!["logLoss"]!);
        Assert.Equal(15, evaluation["calibration"]!["after"]!["bins"]!.AsArray().Count);
        var hardest = evaluation["hardestExamples"]!.AsArray();
        Assert.Equal(20, hardest.Count);
        Assert.Equal(hardest.Select(example => (double)example!["loss"]!).OrderDescending(), hardest.Select(example => (double)example!["loss"]!));
        Assert.Equal((string?)held[(int)hardest[0]!["row"]! - 1]!["text"], (string?)hardest[0]!["text"]);
        Assert.Null(evaluation["hardestPassages"]);

        var evaluated = await host.PostAsync("/api/v1/models/moods/evaluate", new JsonObject { ["dataset"] = new JsonObject { ["examples"] = held.DeepClone() } });
        Assert.Equal(report["metrics"]!.ToJsonString(), evaluated["metrics"]!.ToJsonString());
        Assert.Equal(evaluation.ToJsonString(), evaluated["evaluation"]!.ToJsonString());

        // What classifying answers are the probabilities that were measured.
        var first = hardest[0]!;
        var answer = (await host.PostAsync("/api/v1/models/moods/classify", new JsonObject { ["texts"] = new JsonArray { (string?)first["text"] } }))["results"]![0]!;
        Assert.Equal((string?)first["predicted"], (string?)answer["label"]);
        Assert.Equal((double)first["probability"]!, (double)answer["probability"]!, 1e-6);
    }

    [Fact]
    public async Task A_language_model_s_report_tells_bits_a_character_and_hard_lines()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        var report = await host.GetAsync("/api/v1/models/names/versions/1/report");
        foreach (string name in new[] { "bitsPerCharacter", "bitsPerToken", "characters", "perplexity", "tokens", "top1Accuracy", "top5Accuracy", "unknownShare", "validationLoss" })
            Assert.NotNull(report["metrics"]![name]);
        Assert.Equal("lines", (string?)report["evaluation"]!["confidence"]!["unit"]);
        var range = report["evaluation"]!["confidence"]!["intervals"]!["bitsPerCharacter"]!;
        Assert.InRange((double)report["metrics"]!["bitsPerCharacter"]!, (double)range["lower"]!, (double)range["upper"]!);
        Assert.Equal(4, report["evaluation"]!["hardestPassages"]!.AsArray().Count);
        Assert.Null(report["evaluation"]!["classes"]);
        Assert.Null(report["evaluation"]!["calibration"]);
        Assert.Null((await host.GetAsync("/api/v1/models/names/versions/1"))["temperature"]);
    }

    [Fact]
    public void Whatever_could_grow_with_the_data_is_limited()
    {
        const int labels = 3000;
        var confusion = new ConfusionMatrix(labels);
        for (int label = 0; label < labels; label++)
            confusion.Add(label, (label + 1) % labels);
        string longText = new('x', 299);
        var table = new CalibrationScores(1, 1, new ReliabilityTable());
        var evaluation = new ClassifierEvaluation
        {
            Metrics = new Dictionary<string, double>(),
            Confusion = confusion,
            Right = [false],
            Temperature = 1,
            Uncalibrated = table,
            Calibrated = table,
            Hardest = [new HardExample(0, 0, 1, 0.9, 0.1, 2.3)],
        };
        var report = EvaluationReports.Of(evaluation, [.. Enumerable.Range(0, labels).Select(i => $"{i} {new string('y', 500)}")], new TrainingData.Labelled([new LabelledText($"{longText}🙂 and more", "0")]));
        Assert.Equal(200, report.Classes!.Count);
        Assert.Equal(labels - 200, report.ClassesOmitted);
        Assert.Null(report.Confusion);
        Assert.Equal(50, report.MostConfused!.Count);
        Assert.Equal(longText + "…", report.HardestExamples![0].Text);
        Assert.Equal(101, report.HardestExamples[0].Label.Length);
        Assert.Null(report.Calibration!.After.ExpectedCalibrationError);
    }

    /// <summary>Sentences that mostly mean what their label says.</summary>
    private static JsonArray NoisyExamples(int count, int from) => [.. TinyJobs.Examples(count, from).Select((example, i) =>
    {
        var copy = example!.DeepClone();
        if ((i + from) % 6 == 1)
            copy["label"] = (string?)copy["label"] == "positive" ? "negative" : "positive";
        return copy;
    })];
}
