using RnnService.Api.Models;
using RnnService.Api.Reports;
using SequenceModels.Baselines;
using SequenceModels.Evaluation;
using SequenceModels.Tasks;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace RnnService.Api.TrainingJobs;

/// <summary>What <c>report.json</c> of a version says. Losses are nats a token (language models) or an example (classifiers).</summary>
public sealed record TrainingReport
{
    public const int CurrentFormat = 1;

    /// <summary>The format of this report.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>The job that trained.</summary>
    public required string JobId { get; init; }

    public required TaskKind Task { get; init; }

    /// <summary>Of the kept weights on the validation data.</summary>
    public required IReadOnlyDictionary<string, double?> Metrics { get; init; }

    /// <summary>The epoch whose weights were kept, from 1.</summary>
    public required int BestEpoch { get; init; }

    /// <summary><c>epochs</c>, <c>earlyStopping</c> or <c>maxSeconds</c>.</summary>
    public required string StopReason { get; init; }

    /// <summary>Where the run diverged, went back to its best state and on at half the rate; null: it did not.</summary>
    public Divergence? Divergence { get; init; }

    /// <summary>One point a validation; of more than 4096 some, evenly spread, among them always the first, the best and the last.</summary>
    public required IReadOnlyList<EpochMetrics> Curve { get; init; }

    /// <summary>Validations done, more than <c>curve</c> has points where some were left out; <c>null</c> in reports that do not tell: none were.</summary>
    public long? Validations { get; init; }

    /// <summary>The test that found the learning rate; <c>null</c>: there was none.</summary>
    public RangeTestReport? RangeTest { get; init; }

    /// <summary>Simple models on the same tokens and the same split.</summary>
    public required IReadOnlyList<BaselineReport> Baselines { get; init; }

    /// <summary>The best of the baselines.</summary>
    public required string BestBaseline { get; init; }

    /// <summary>Intervals, labels, calibration and the hardest examples, on the validation data.</summary>
    public EvaluationReport? Evaluation { get; init; }

    /// <summary>What each precision of the setting <c>Inference:WeightPrecision</c> reaches on a part of the validation data.</summary>
    public IReadOnlyList<PrecisionReport> Precisions { get; init; } = [];

    public required SplitSummary Split { get; init; }

    public required ReportCounts Counts { get; init; }

    public required ReportTimes Times { get; init; }

    public required ReportHardware Hardware { get; init; }
}

/// <summary>A simple model beside the network.</summary>
public sealed record BaselineReport
{
    /// <summary>Such as `unigram`, `5-gram`, `majority` or `naiveBayes`.</summary>
    public required string Name { get; init; }

    /// <summary>As <c>validationLoss</c> of the network.</summary>
    public required double? ValidationLoss { get; init; }

    /// <summary>Share of examples classified rightly; <c>null</c> for language models.</summary>
    public double? Accuracy { get; init; }

    /// <summary>What is compared: <c>validationLoss</c> (less is better) or <c>accuracy</c> (more is better).</summary>
    public required string Compared { get; init; }

    /// <summary>By how much the network is better in what is compared; negative where it is worse.</summary>
    public required double? NetworkBetterBy { get; init; }

    /// <summary>Bootstrap interval of that, the same examples drawn for both; null for language models. Where it lies above 0, the choice of the examples is an unlikely reason for the network's being better.</summary>
    public RangeReport? BetterByInterval { get; init; }

    internal static BaselineReport OfLoss(string name, double loss, TrainingOutcome network) => new()
    {
        Name = name,
        ValidationLoss = loss,
        Compared = "validationLoss",
        NetworkBetterBy = network.Metrics.TryGetValue("validationLoss", out double own) ? loss - own : null,
    };

    internal static BaselineReport OfAccuracy(string name, ClassificationBaselineResult baseline, ClassifierEvaluation network)
    {
        var interval = Bootstrap.OfMean([.. network.Right.Zip(baseline.Right, (own, other) => (own ? 1.0 : 0) - (other ? 1.0 : 0))], EvaluationReports.IntervalSeed);
        return new()
        {
            Name = name,
            ValidationLoss = baseline.LogLoss,
            Accuracy = baseline.Accuracy,
            Compared = "accuracy",
            NetworkBetterBy = network.Metrics["accuracy"] - baseline.Accuracy,
            BetterByInterval = new RangeReport(interval.Lower, interval.Upper),
        };
    }
}

/// <summary>The network at one precision of its weights, measured on the same part of the validation data as at the others.</summary>
/// <param name="Precision">The precision.</param>
/// <param name="ValidationLoss">As <c>validationLoss</c> of the network.</param>
/// <param name="Accuracy">Share of examples classified rightly; <c>null</c> for language models.</param>
/// <param name="Measured">Tokens predicted (language models) or examples classified.</param>
public sealed record PrecisionReport(WeightPrecision Precision, double? ValidationLoss, double? Accuracy, long Measured);

/// <summary>How much was done.</summary>
/// <param name="Parameters">Trained values, all tensors together.</param>
/// <param name="VocabularySize">Tokens known, special ones included.</param>
/// <param name="Labels">Labels of a classifier; 0 for language models.</param>
/// <param name="Epochs">Epochs done.</param>
/// <param name="TrainingTokens">Tokens worked through, all epochs together.</param>
public sealed record ReportCounts(long Parameters, int VocabularySize, int Labels, int Epochs, long TrainingTokens);

/// <summary>How long it took.</summary>
/// <param name="QueuedAt">When the job was asked for.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="TrainingSeconds">Seconds of training, validation included.</param>
/// <param name="BaselineSeconds">Seconds that the simple models took.</param>
/// <param name="TokensPerSecond">Training tokens a second.</param>
public sealed record ReportTimes(DateTimeOffset QueuedAt, DateTimeOffset? StartedAt, double TrainingSeconds, double BaselineSeconds, double? TokensPerSecond);

/// <summary>What it ran on.</summary>
/// <param name="Processor">The processor's name, as far as it is known.</param>
/// <param name="Cores">Logical processors that the process may use.</param>
/// <param name="SimdBits">Width of the vectors that the kernels use.</param>
/// <param name="Architecture">Such as X64 or Arm64.</param>
/// <param name="OperatingSystem">Its name and version.</param>
/// <param name="DotNet">The runtime.</param>
/// <param name="TrainingThreads">Threads that trained.</param>
public sealed record ReportHardware(string Processor, int Cores, int SimdBits, string Architecture, string OperatingSystem, string DotNet, int TrainingThreads);
