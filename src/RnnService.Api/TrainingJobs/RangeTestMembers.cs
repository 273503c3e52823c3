using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using SequenceModels.Optimizers;

namespace RnnService.Api.TrainingJobs;

/// <summary>A learning-rate range test before the training; an empty object is one with all its defaults.</summary>
public sealed record RangeTestMembers
{
    private static readonly RangeTestSettings s_plain = new();

    /// <summary>The first learning rate. Left out: 1e-5.</summary>
    [Range(1e-10, 100d)]
    public double? From { get; init; }

    /// <summary>The last learning rate. Left out: 1.</summary>
    [Range(0d, 100d, MinimumIsExclusive = true)]
    public double? To { get; init; }

    /// <summary>Updates from the first rate to the last. Left out: 100.</summary>
    [Range(10, 10_000)]
    public int? Steps { get; init; }

    internal RangeTestSettings ToSettings() => new() { Lowest = From ?? s_plain.Lowest, Highest = To ?? s_plain.Highest, Steps = Steps ?? s_plain.Steps };

    internal void Validate(Problems problems)
    {
        var (from, to) = (From ?? s_plain.Lowest, To ?? s_plain.Highest);
        if (!problems.IsUnreadable("from") && to > 0)
            problems.Range("to", to, from, 100, aboveMinimum: true);
    }
}
