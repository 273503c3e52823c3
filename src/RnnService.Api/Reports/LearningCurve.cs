using SequenceModels.Training;

namespace RnnService.Api.Reports;

/// <summary>What the points of a learning curve tell together.</summary>
internal static class LearningCurve
{
    /// <summary>The validation whose weights were kept: the first one of the least loss, as in the training itself. A loss that is no number is never the least.</summary>
    public static EpochMetrics Kept(IReadOnlyList<EpochMetrics> curve) => curve.MinBy(point => double.IsNaN(point.ValidationLoss) ? double.PositiveInfinity : point.ValidationLoss)
        ?? throw new ArgumentException("A curve has at least one point.", nameof(curve));
}
