using RnnService.Api.Hosting;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Models.Packages;

/// <summary>What holds of every report that a service wrote beside a manifest.</summary>
internal static class ReportRules
{
    /// <summary>Logits are floats and labels weigh at most 1,000,000, so no loss is larger; nor is the norm of as many gradients as memory has room for.</summary>
    private const double MostLoss = 1e45;

    private const double MostRate = 100;

    /// <summary>All that is wrong with a report which is well-formed.</summary>
    public static IEnumerable<PackageFault> Faults(TrainingReport report, VersionManifest manifest)
    {
        if (report.FormatVersion != TrainingReport.CurrentFormat || report.Curve.Count == 0)
            return [new(VersionFolder.ReportFile, $"is not a report of the format {TrainingReport.CurrentFormat} with a learning curve")];
        if (report.JobId != manifest.JobId || report.Task != manifest.Task)
            return [new(VersionFolder.ReportFile, "is the report of another job")];
        var problems = new Problems();
        if (!HasSame(report.Metrics, manifest.Metrics))
            problems.Add("metrics", "must be those of the manifest");
        int epochs = manifest.Training.Epochs;
        problems.Range("bestEpoch", report.BestEpoch, 1, epochs);
        problems.Range("validations", report.Validations, report.Curve.Count, long.MaxValue);
        for (int i = 0; i < report.Curve.Count; i++)
        {
            var (point, at) = (report.Curve[i], problems.At("curve", i));
            at.Range("epoch", point.Epoch, 1, epochs);
            at.Range("step", point.Step, 0, long.MaxValue);
            at.Range("trainingLoss", Number(point.TrainingLoss), 0, MostLoss);
            at.Range("validationLoss", Number(point.ValidationLoss), 0, MostLoss);
            at.Range("validationAccuracy", Number(point.ValidationAccuracy), 0, 1);
            at.Range("learningRate", Number(point.LearningRate), 0, MostRate);
            at.Range("gradientNorm", Number(point.GradientNorm), 0, MostLoss);
            at.Range("elapsedSeconds", Number(point.ElapsedSeconds), 0, double.MaxValue);
        }

        return problems.ToErrors().SelectMany(problem => problem.Value.Select(message => new PackageFault(VersionFolder.ReportFile, $"{problem.Key} {message}")));
    }

    private static bool HasSame(IReadOnlyDictionary<string, double?> metrics, IReadOnlyDictionary<string, double?> others) =>
        metrics.Count == others.Count && metrics.All(metric => others.TryGetValue(metric.Key, out double? other) && Number(metric.Value) == Number(other));

    /// <summary>A number that was not finite, and was written as null, is in no range and is none's fault.</summary>
    private static double? Number(double? value) => value is { } number && double.IsNaN(number) ? null : value;
}
