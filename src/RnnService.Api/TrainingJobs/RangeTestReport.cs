using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>What a learning-rate range test gave.</summary>
/// <param name="LearningRate">The rate that the training had.</param>
/// <param name="Fell">Whether the loss fell anywhere; where it did not, the rate is the one that would have been chosen without a test.</param>
/// <param name="Diverged">Whether the test ended early because its loss rose far above its best.</param>
/// <param name="Curve">One point an update.</param>
public sealed record RangeTestReport(double LearningRate, bool Fell, bool Diverged, IReadOnlyList<RangeTestReportPoint> Curve)
{
    internal static RangeTestReport? OrNull(FoundLearningRate? found) => found is null ? null : new(
        found.LearningRate,
        found.Test.Suggestion is not null,
        found.Test.Diverged,
        [.. found.Test.Curve.Select(point => new RangeTestReportPoint(point.Rate, point.Loss, point.Smoothed))]);
}

/// <summary>An update of a range test.</summary>
/// <param name="LearningRate">Its rate.</param>
/// <param name="Loss">Its loss, nats.</param>
/// <param name="Smoothed">The weighted mean of the losses so far.</param>
public sealed record RangeTestReportPoint(double LearningRate, double Loss, double Smoothed);
