using SequenceModels.Evaluation;
using SequenceModels.Randomness;

namespace SequenceModels.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void The_mice_of_Efron_and_Tibshirani_spread_as_published()
    {
        // Survival of treated mice (Efron and Tibshirani 1993, table 2.1): mean 86.86; the bootstrap's standard error for endlessly many resamples is 23.36 (table 2.2).
        double[] days = [94, 197, 16, 38, 99, 141, 23];
        double sum = 0, squares = 0;
        const int resamples = 20_000;
        Bootstrap.Intervals(days.Length, 1, Compute, seed: 1, resamples);
        double mean = sum / resamples, error = Math.Sqrt(squares / resamples - mean * mean);
        Assert.Equal(86.86, mean, 0.5);
        Assert.Equal(23.36, error, 0.35);

        var interval = Bootstrap.OfMean(days, seed: 1, resamples);
        Assert.Equal(86.86 - 1.96 * 23.36, interval.Lower, 4.0); // a mean of seven is not quite normal
        Assert.Equal(86.86 + 1.96 * 23.36, interval.Upper, 4.0);

        void Compute(ReadOnlySpan<int> multiplicities, Span<double> results)
        {
            double total = 0;
            int drawn = 0;
            for (int i = 0; i < multiplicities.Length; i++)
            {
                total += multiplicities[i] * days[i];
                drawn += multiplicities[i];
            }

            Assert.Equal(days.Length, drawn);
            results[0] = total / days.Length;
            sum += results[0];
            squares += results[0] * results[0];
        }
    }

    [Fact]
    public void The_interval_of_a_share_is_the_normal_one_for_many_examples_and_depends_on_the_seed_alone()
    {
        double[] right = [.. Enumerable.Range(0, 2000).Select(i => i % 5 == 0 ? 0.0 : 1)];
        var interval = Bootstrap.OfMean(right, seed: 7);
        double half = 1.96 * Math.Sqrt(0.8 * 0.2 / 2000);
        Assert.Equal(0.8 - half, interval.Lower, half * 0.12); // quantiles of 1000 resamples are known to about 6 % of the half width
        Assert.Equal(0.8 + half, interval.Upper, half * 0.12);
        Assert.Equal(interval, Bootstrap.OfMean(right, seed: 7));
        Assert.NotEqual(interval, Bootstrap.OfMean(right, seed: 8));
    }

    [Fact]
    public void Intervals_cover_the_truth_about_as_often_as_they_say()
    {
        // 150 repetitions of 200 examples, each right with probability 0.8: the interval of 95 % should hold 0.8 in about 142.
        const int repetitions = 150, examples = 200;
        int covered = 0;
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            var random = new CounterRandom(repetition, RandomPurpose.Sampling);
            double[] right = [.. Enumerable.Range(0, examples).Select(i => random.Uniform(i) < 0.8f ? 1.0 : 0)];
            covered += Bootstrap.OfMean(right, repetition).Contains(0.8) ? 1 : 0;
        }

        Assert.InRange(covered, 0.9 * repetitions, 0.985 * repetitions);
    }

    [Fact]
    public void Many_rows_are_drawn_in_groups_that_tell_the_same()
    {
        const int rows = 100_000;
        int[] units = Bootstrap.UnitsOfRows(rows, seed: 5);
        Assert.Equal(Bootstrap.MostUnits, units.Distinct().Count());
        Assert.All(units.CountBy(unit => unit), group => Assert.InRange(group.Value, rows / Bootstrap.MostUnits, rows / Bootstrap.MostUnits + 1));

        // Sorted rows, as files often are: the first 30 % are wrong.
        var interval = Bootstrap.Intervals(Bootstrap.MostUnits, 1, Compute, seed: 5)[0];
        double half = 1.96 * Math.Sqrt(0.7 * 0.3 / rows);
        Assert.Equal(2 * half, interval.Upper - interval.Lower, half * 0.25);
        Assert.True(interval.Contains(0.7));

        void Compute(ReadOnlySpan<int> multiplicities, Span<double> results)
        {
            long drawn = 0, right = 0;
            for (int row = 0; row < rows; row++)
            {
                drawn += multiplicities[units[row]];
                right += row < rows * 0.3 ? 0 : multiplicities[units[row]];
            }

            results[0] = (double)right / drawn;
        }
    }

    [Fact]
    public void Blocks_of_a_text_are_grouped_with_their_neighbours()
    {
        Assert.Equal([0, 1, 2], Bootstrap.UnitsOfBlocks(3));
        int[] units = Bootstrap.UnitsOfBlocks(3 * Bootstrap.MostUnits);
        Assert.Equal([0, 0, 0, 1, 1, 1], units[..6]);
        Assert.Equal(Bootstrap.MostUnits - 1, units[^1]);
    }

    [Fact]
    public void What_does_not_vary_has_no_width_and_what_has_no_value_has_no_interval()
    {
        Assert.Equal(new ConfidenceInterval(3, 3), Bootstrap.OfMean([3, 3, 3], 1));
        var none = Bootstrap.Intervals(3, 1, (_, results) => results[0] = double.NaN, 1)[0];
        Assert.True(double.IsNaN(none.Lower) && double.IsNaN(none.Upper));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.OfMean([], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.OfMean([1, 2], 1, level: 1));
        Assert.True(new ConfidenceInterval(0, 1).Overlaps(new(1, 2)));
        Assert.False(new ConfidenceInterval(0, 1).Overlaps(new(1.5, 2)));
    }
}
