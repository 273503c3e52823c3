using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using RnnService.Api.Models;
using RnnService.Api.Reports;
using SequenceModels.Data;
using SequenceModels.Evaluation;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Writes down what a job did: the manifest and the report of its version.</summary>
internal static class TrainingReports
{
    /// <summary>The manifest but for its files.</summary>
    public static VersionManifest Manifest(TrainingJobRow job, JobPlan plan, SplitSummary split, TrainedJob trained, ModelEvaluation evaluation, DateTimeOffset createdAt)
    {
        var outcome = trained.Outcome ?? throw new ArgumentException("There is no model.", nameof(trained));
        return new VersionManifest
        {
            FormatVersion = VersionManifest.CurrentFormat,
            Task = job.Task,
            Architecture = plan.Architecture,
            Training = plan.Training.With(outcome.RangeTest?.LearningRate),
            Tokenizer = new TokenizerSummary
            {
                Kind = outcome.Model.Tokenizer.Kind,
                VocabularySize = outcome.Model.Tokenizer.Vocabulary.Count,
                LowerCase = outcome.Model.Tokenizer.LowerCase,
            },
            Labels = outcome.Model.Labels,
            LabelShares = outcome.Model is LanguageModel { IsConditional: true } ? trained.LabelShares : null,
            Lineage = plan.Base?.ToLineage(),
            Temperature = (outcome.Model as SequenceClassifier)?.Temperature,
            Metrics = Finite(evaluation.Metrics),
            Dataset = new DatasetIdentity { Name = plan.Dataset.Name, Sha256 = plan.Dataset.Sha256 },
            Split = split,
            Seed = plan.Training.Seed,
            JobId = job.Id,
            CreatedAt = createdAt,
            Parameters = outcome.Model.Parameters.Count,
            Bytes = 0,
            Tags = plan.Tags,
            Files = [],
        };
    }

    public static TrainingReport Report(TrainingJobRow job, SplitSummary split, TrainingOutcome outcome, ModelEvaluation evaluation, TrainingData validation, TrainedJob trained, int threads) => new()
    {
        FormatVersion = TrainingReport.CurrentFormat,
        JobId = job.Id,
        Task = job.Task,
        Metrics = Finite(evaluation.Metrics),
        Evaluation = EvaluationReports.Of(evaluation, outcome.Model.Labels, validation, outcome.Temperature),
        BestEpoch = outcome.BestEpoch,
        StopReason = outcome.StopReason,
        Divergence = outcome.Divergence,
        Curve = outcome.Curve,
        Validations = outcome.Validations,
        RangeTest = RangeTestReport.OrNull(outcome.RangeTest),
        Baselines = trained.Baselines,
        BestBaseline = trained.Baselines.MinBy(baseline => baseline.NetworkBetterBy ?? double.MaxValue)?.Name ?? "none",
        Precisions = trained.Precisions,
        Split = split,
        Counts = new ReportCounts(
            outcome.Model.Parameters.Count, outcome.Model.Tokenizer.Vocabulary.Count, outcome.Model.Labels.Count, outcome.Curve[^1].Epoch, outcome.Tokens),
        Times = new ReportTimes(
            job.CreatedAt, job.StartedAt, outcome.ElapsedSeconds, trained.BaselineSeconds, outcome.ElapsedSeconds > 0 ? outcome.Tokens / outcome.ElapsedSeconds : null),
        Hardware = new ReportHardware(
            ProcessorName(), Environment.ProcessorCount, SimdBits(), RuntimeInformation.ProcessArchitecture.ToString(), RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription, threads),
    };

    /// <summary>Metrics as JSON can carry them, in the order of their names.</summary>
    public static IReadOnlyDictionary<string, double?> Finite(IReadOnlyDictionary<string, double> metrics) => metrics
        .OrderBy(metric => metric.Key, StringComparer.Ordinal)
        .ToDictionary(metric => metric.Key, metric => double.IsFinite(metric.Value) ? metric.Value : (double?)null, StringComparer.Ordinal);

    private static int SimdBits() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 32;

    private static string ProcessorName()
    {
        const string File = "/proc/cpuinfo";
        const string Key = "model name";
        if (!System.IO.File.Exists(File))
            return "unknown";
        string? line = System.IO.File.ReadLines(File).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "unknown";
    }
}
