using SequenceModels.Kernels;
using SequenceModels.Sampling;

namespace SequenceModels.Optimizers;

/// <summary>
/// The learning-rate range test (Smith 2017): the rate rises exponentially from step to step while the loss is watched. Below a good rate the loss hardly moves, above it the loss
/// rises or wanders; the steepest fall between is a rate to train with.
/// </summary>
public static class LearningRateRangeTest
{
    /// <summary>Weight of the past in the smoothed loss.</summary>
    private const double Smoothing = 0.9;

    /// <summary>Steps by which smoothing delays what it shows: the mean age of what it remembers.</summary>
    private const int Delay = 9;

    /// <summary>Runs the test.</summary>
    /// <param name="settings">The rates.</param>
    /// <param name="step">Performs one training step at a rate and gives its loss. It changes the weights: the caller tests on ones that can be thrown away.</param>
    /// <param name="isOver">Asked before each step, with the number of those done, whether the test ends with what it has found so far; <c>null</c>: it does not.</param>
    /// <param name="cancellationToken">Ends the test within one step.</param>
    /// <returns>The curve and what it suggests.</returns>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The test was cancelled.</exception>
    public static RangeTestResult Run(RangeTestSettings settings, Func<double, double> step, Func<int, bool>? isOver = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(step);
        if (settings.Validate() is [var problem, ..])
            throw new ArgumentException($"{problem.Name} {problem.Message}", nameof(settings));
        double growth = Powers.Root(settings.Highest / settings.Lowest, settings.Steps - 1); // (17.9)
        double mean = 0, best = double.PositiveInfinity;
        var curve = new List<RangeTestPoint>(settings.Steps);
        for (int i = 0; i < settings.Steps; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (isOver?.Invoke(i) == true)
                return new(curve, Suggestion(curve), Diverged: false) { Stopped = true };
            double rate = settings.Lowest * Powers.Power(growth, i); // (17.9)
            double loss = step(rate);
            mean = Smoothing * mean + (1 - Smoothing) * loss;
            double smoothed = mean / (1 - Powers.Power(Smoothing, i + 1)); // (17.10)
            if (!double.IsFinite(smoothed) || smoothed > settings.DivergenceFactor * best)
                return new(curve, Suggestion(curve), Diverged: true);
            best = Math.Min(best, smoothed);
            curve.Add(new(rate, loss, smoothed));
        }

        return new(curve, Suggestion(curve), Diverged: false);
    }

    // The rates are evenly spaced in their logarithms, so the difference of neighbours is the slope. The first tenth, of which the smoothed loss has hardly seen anything, is passed over; so is
    // all that follows the least loss: there the rate is too high already, and what falls is noise. A fall shows some steps after it happened.
    private static double? Suggestion(List<RangeTestPoint> curve)
    {
        double steepest = 0, least = double.PositiveInfinity;
        int last = 0;
        for (int i = 0; i < curve.Count; i++)
        {
            if (curve[i].Smoothed < least)
                (least, last) = (curve[i].Smoothed, i);
        }

        double? rate = null;
        for (int i = 1 + curve.Count / 10; i < last; i++)
        {
            double fall = curve[i - 1].Smoothed - curve[i + 1].Smoothed;
            if (fall > steepest)
                (steepest, rate) = (fall, curve[Math.Max(0, i - Delay)].Rate);
        }

        return rate;
    }
}

/// <summary>The rates of a <see cref="LearningRateRangeTest"/>.</summary>
public sealed record RangeTestSettings
{
    /// <summary>The first rate, 1e-10..100.</summary>
    public double Lowest { get; init; } = 1e-5;

    /// <summary>The last rate, above the first to 100.</summary>
    public double Highest { get; init; } = 1;

    /// <summary>Steps, 10..10,000.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The test ends when the smoothed loss is more than this many times its least value so far, above 1 to 1000.</summary>
    public double DivergenceFactor { get; init; } = 4;

    /// <summary>Checks every range.</summary>
    /// <returns>All problems at once; empty if the settings are good.</returns>
    public IReadOnlyList<SettingProblem> Validate()
    {
        var check = new RangeCheck();
        check.FromTo("lowest", Lowest, 1e-10, 100);
        check.AboveTo("highest", Highest, Lowest, 100);
        check.FromTo("steps", Steps, 10, 10_000);
        check.AboveTo("divergenceFactor", DivergenceFactor, 1, 1000);
        return check.Problems;
    }
}

/// <summary>A step of a range test.</summary>
/// <param name="Rate">Its learning rate.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="Smoothed">The exponentially weighted mean of the losses so far.</param>
public readonly record struct RangeTestPoint(double Rate, double Loss, double Smoothed);

/// <summary>What a range test found.</summary>
/// <param name="Curve">The steps up to the last rate, to the one before the loss diverged, or to where the test was ended.</param>
/// <param name="Suggestion">The rate at the steepest fall on the way to the least smoothed loss, less what smoothing delays; <c>null</c> if it never falls.</param>
/// <param name="Diverged">Whether the test ended early because the loss rose without bound or was no number.</param>
public sealed record RangeTestResult(IReadOnlyList<RangeTestPoint> Curve, double? Suggestion, bool Diverged)
{
    /// <summary>Whether the test ended early because whoever ran it said so.</summary>
    public bool Stopped { get; init; }
}
