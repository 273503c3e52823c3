using RnnService.Api.TrainingJobs;
using SequenceModels.Training;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class RunPaceTests
{
    [Fact]
    public void Nothing_is_told_of_the_first_two_seconds_and_then_the_speed_of_late()
    {
        // Prepared for five seconds; in the first second of updates all is slow, then there are 100 a second.
        var pace = new RunPace();
        pace.Add(0, 0);
        Assert.All(Enumerable.Range(0, 8).Select(quarter => quarter / 4.0), passed => Assert.Null(Told(passed)));
        Assert.All(Enumerable.Range(8, 400).Select(quarter => quarter / 4.0), passed => Assert.Equal(100, Told(passed)!.Value, 9));

        double? Told(double passed)
        {
            pace.Add(5 + passed, 1 + (long)(passed < 1 ? 4 * passed : 4 + 100 * (passed - 1)));
            return pace.UpdatesPerSecond;
        }
    }

    [Fact]
    public void A_run_that_has_become_slower_is_believed_by_and_by()
    {
        var pace = new RunPace();
        for (int second = 0; second <= 40; second++)
            pace.Add(second, Math.Min(second, 20) * 100 + Math.Max(0, second - 20) * 10);
        Assert.InRange(pace.UpdatesPerSecond!.Value, 10, 60);
        for (int second = 41; second <= 80; second++)
            pace.Add(second, 2000 + (second - 20) * 10);
        Assert.Equal(10, pace.UpdatesPerSecond!.Value, 9);
    }

    [Fact]
    public void Updates_of_many_seconds_each_are_told_of_as_soon_as_there_are_two_and_those_before_an_interruption_do_not_count()
    {
        var pace = new RunPace();
        pace.Add(1000, 500);
        pace.Add(1030, 501);
        Assert.Null(pace.UpdatesPerSecond);
        pace.Add(1040, 502);
        Assert.Equal(0.1, pace.UpdatesPerSecond!.Value, 9);
    }

    [Theory]
    [InlineData(100d, null, 90d)]
    [InlineData(100d, 3600, 90d)]
    [InlineData(100d, 8, 5.6)]
    [InlineData(100d, 2, 0d)]
    [InlineData(null, 8, null)]
    public void What_is_left_ends_with_the_limit(double? updatesPerSecond, int? maxSeconds, double? eta)
    {
        var told = ProgressResponse.Of(At(1000, null), 10_000, updatesPerSecond, maxSeconds);
        Assert.Equal(eta is null, told.EtaSeconds is null);
        Assert.Equal(eta ?? 0, told.EtaSeconds ?? 0, 9);
    }

    [Fact]
    public void What_a_range_test_has_left_is_left_too()
    {
        Assert.Equal(100 + 60, ProgressResponse.Of(At(0, new RangeTestProgress(4000, 10_000, Found: null)), 10_000, 100, null).EtaSeconds);
        Assert.Equal(100, ProgressResponse.Of(At(0, new RangeTestProgress(4000, 10_000, Found: 0.1)), 10_000, 100, null).EtaSeconds);
        Assert.Equal(0, ProgressResponse.Of(At(10_000, null), 10_000, null, null).EtaSeconds);
    }

    private static TrainingProgress At(long step, RangeTestProgress? test) =>
        new() { Epoch = 1, Epochs = 10, Step = step, TotalSteps = 10_000, TokensPerSecond = 1, Elapsed = TimeSpan.FromSeconds(2.4), RangeTest = test };
}
