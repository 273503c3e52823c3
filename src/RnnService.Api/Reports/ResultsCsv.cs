using CsvHelper;
using RnnService.Api.TrainingJobs;
using SequenceModels.Training;

namespace RnnService.Api.Reports;

/// <summary>
/// <c>results.csv</c>: one number a line, so that any spreadsheet can filter it: <c>section,name,epoch,step,value,lower,upper</c>. Labels are the one part that users wrote; whatever of them a spreadsheet would take for a formula is made
/// text by an apostrophe.
/// </summary>
internal static class ResultsCsv
{
    public const string FileName = "results.csv";
    public const string MediaType = "text/csv";

    public static byte[] Of(TrainingReport report)
    {
        using var bytes = new MemoryStream();
        using (var csv = CsvWriter.Create(bytes, new CsvWriterOptions { Injection = CsvInjection.Escape }, leaveOpen: true))
        {
            csv.WriteHeader("section", "name", "epoch", "step", "value", "lower", "upper");
            foreach (var (name, value) in report.Metrics)
            {
                var interval = report.Evaluation?.Confidence?.Intervals.GetValueOrDefault(name);
                Write(csv, "metric", name, null, value, interval?.Lower, interval?.Upper);
            }

            foreach (var baseline in report.Baselines)
            {
                Write(csv, "baseline", $"{baseline.Name}.validationLoss", null, baseline.ValidationLoss);
                if (baseline.Accuracy is not null)
                    Write(csv, "baseline", $"{baseline.Name}.accuracy", null, baseline.Accuracy);
            }

            foreach (var point in report.Curve)
            {
                Write(csv, "curve", "trainingLoss", point, point.TrainingLoss);
                Write(csv, "curve", "validationLoss", point, point.ValidationLoss);
                if (point.ValidationAccuracy is not null)
                    Write(csv, "curve", "validationAccuracy", point, point.ValidationAccuracy);
                Write(csv, "curve", "learningRate", point, point.LearningRate);
            }

            foreach (var label in report.Evaluation?.Classes ?? [])
            {
                Write(csv, "precision", label.Label, null, label.Precision);
                Write(csv, "recall", label.Label, null, label.Recall);
                Write(csv, "f1", label.Label, null, label.F1);
                Write(csv, "support", label.Label, null, label.Support);
            }
        }

        return bytes.ToArray();
    }

    private static void Write(CsvWriter csv, string section, string name, EpochMetrics? point, double? value, double? lower = null, double? upper = null)
    {
        csv.WriteField(section);
        csv.WriteField(name);
        csv.WriteField(point?.Epoch, default);
        csv.WriteField(point?.Step, default);
        csv.WriteField(Finite(value), default);
        csv.WriteField(lower, default);
        csv.WriteField(upper, default);
        csv.EndRecord();
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
