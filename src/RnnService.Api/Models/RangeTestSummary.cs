using SequenceModels.Optimizers;

namespace RnnService.Api.Models;

/// <summary>A learning-rate range test with every choice made.</summary>
/// <param name="From">The first learning rate.</param>
/// <param name="To">The last learning rate.</param>
/// <param name="Steps">Updates from the first to the last.</param>
public sealed record RangeTestSummary(double From, double To, int Steps)
{
    internal static RangeTestSummary? OrNull(RangeTestSettings? settings) => settings is null ? null : new(settings.Lowest, settings.Highest, settings.Steps);

    internal RangeTestSettings ToSettings() => new() { Lowest = From, Highest = To, Steps = Steps };
}
