using SequenceModels.Optimizers;

namespace SequenceModels.Tests.Optimizers;

public sealed class LearningRateRangeTestTests
{
    private static readonly RangeTestSettings s_settings = new() { Lowest = 1e-4, Highest = 10, Steps = 101 };

    [Fact]
    public void Rates_rise_by_the_same_factor_from_the_first_to_the_last()
    {
        var rates = new List<double>();
        var result = LearningRateRangeTest.Run(s_settings, rate =>
        {
            rates.Add(rate);
            return 1;
        });

        Assert.Equal(101, rates.Count);
        Assert.Equal(rates, result.Curve.Select(point => point.Rate));
        Assert.Equal(1e-4, rates[0]);
        Assert.Equal(10, rates[^1], 1e-11);
        Assert.All(rates.Zip(rates.Skip(1)), pair => Assert.Equal(Math.Pow(10, 0.05), pair.Second / pair.First, 1e-12));
        Assert.All(result.Curve, point => Assert.Equal(1, point.Smoothed, 1e-12));
        Assert.False(result.Diverged);
    }

    [Fact]
    public void The_suggestion_lies_at_the_steepest_fall()
    {
        // A smooth step down from 4 to 2 about a rate of 1e-2; smoothing delays it by about nine steps, a factor of three, which is taken back.
        var result = LearningRateRangeTest.Run(s_settings, rate => 3 - Math.Tanh(2 * Math.Log(rate / 1e-2)));

        Assert.InRange(result.Suggestion!.Value, 5e-3, 1.4e-2);
        Assert.False(result.Diverged);
    }

    [Fact]
    public void What_falls_after_the_least_loss_suggests_nothing()
    {
        // Down from 4 to 2 about a rate of 1e-2, up to 6 at 1, and from there down to 3 at once.
        var result = LearningRateRangeTest.Run(s_settings, rate => rate > 3 ? 3 : rate > 1 ? 6 : 3 - Math.Tanh(2 * Math.Log(rate / 1e-2)));

        Assert.InRange(result.Suggestion!.Value, 5e-3, 1.4e-2);
        Assert.False(result.Diverged);
    }

    // Gradient descent on x^2 / 2 from 1, disturbed a little at each step: it falls fastest below a rate of 1 and diverges above 2.
    [Fact]
    public void It_ends_when_the_loss_rises_without_bound()
    {
        double x = 1;
        int steps = 0;
        var result = LearningRateRangeTest.Run(s_settings with { Highest = 100 }, rate =>
        {
            steps++;
            double loss = x * x / 2;
            x += 0.01 - rate * x;
            return loss;
        });

        Assert.True(result.Diverged);
        Assert.Equal(steps - 1, result.Curve.Count);
        Assert.True(steps < 101);
        Assert.InRange(result.Suggestion!.Value, 1e-2, 1);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void It_ends_when_the_loss_is_no_number(double loss)
    {
        int steps = 0;
        var result = LearningRateRangeTest.Run(s_settings, _ => ++steps < 5 ? 1 : loss);

        Assert.True(result.Diverged);
        Assert.Equal(4, result.Curve.Count);
        Assert.Null(result.Suggestion);
    }

    [Fact]
    public void One_that_is_ended_tells_what_it_has_found_so_far()
    {
        static double Step(double rate) => 3 - Math.Tanh(2 * Math.Log(rate / 1e-2));
        var whole = LearningRateRangeTest.Run(s_settings, Step);
        Assert.False(whole.Stopped);
        var ended = LearningRateRangeTest.Run(s_settings, Step, done => done == 40);
        Assert.Equal((true, false), (ended.Stopped, ended.Diverged));
        Assert.Equal(whole.Curve.Take(40), ended.Curve);
        Assert.Contains(ended.Suggestion!.Value, ended.Curve.Select(point => point.Rate));

        var never = LearningRateRangeTest.Run(s_settings, Step, _ => true);
        Assert.Empty(never.Curve);
        Assert.Null(never.Suggestion);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => LearningRateRangeTest.Run(s_settings, _ =>
        {
            if (++steps == 3)
                source.Cancel();
            return 1;
        }, cancellationToken: source.Token));
        Assert.Equal(3, steps);
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Empty(new RangeTestSettings().Validate());
        var bad = new RangeTestSettings { Lowest = 0, Highest = 0, Steps = 1, DivergenceFactor = 1 };
        Assert.Equal(["lowest", "highest", "steps", "divergenceFactor"], bad.Validate().Select(problem => problem.Name));
        Assert.Throws<ArgumentException>(() => LearningRateRangeTest.Run(bad, _ => 1));
    }
}
