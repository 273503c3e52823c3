using SequenceModels.Randomness;

namespace SequenceModels.Evaluation;

/// <summary>Computes statistics of one resample.</summary>
/// <param name="multiplicities">[units] how often each unit was drawn.</param>
/// <param name="results">Receives the statistics, NaN where one has no value.</param>
public delegate void ResampleStatistics(ReadOnlySpan<int> multiplicities, Span<double> results);

/// <summary>
/// Percentile bootstrap (Efron 1979; Efron and Tibshirani 1993, section 13.3): the units of a sample are drawn anew with replacement, as many as there are, again and again; the interval lies between the quantiles
/// (1 - level) / 2 and (1 + level) / 2 of the statistic over the resamples. It tells how far a measurement would move with other examples of the same kind, not with another training.
/// Draws are counter-based: the same seed and number of units give the same interval.
/// </summary>
public static class Bootstrap
{
    /// <summary>Resamples where nothing else is said.</summary>
    public const int Resamples = 1000;

    /// <summary>Coverage where nothing else is said.</summary>
    public const double Level = 0.95;

    /// <summary>Most units that examples are drawn as: a standard error from so many is itself known to about 1 %.</summary>
    public const int MostUnits = 4096;

    private const int WordsOfABlock = 4;

    /// <summary>Intervals of several statistics from the same resamples.</summary>
    /// <param name="units">Units that are drawn as wholes, 1 or more.</param>
    /// <param name="statistics">Number of statistics.</param>
    /// <param name="compute">Computes them of one resample.</param>
    /// <param name="seed">Key of the draws.</param>
    /// <param name="resamples">Number of resamples, 1 or more.</param>
    /// <param name="level">Coverage, above 0 to below 1.</param>
    /// <param name="cancellationToken">Looked at before each resample.</param>
    /// <returns>[statistics] the intervals; with NaN ends where no resample had a value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<ConfidenceInterval> Intervals(
        int units, int statistics, ResampleStatistics compute, long seed, int resamples = Resamples, double level = Level, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (!(level is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "The coverage lies above 0 and below 1.");
        var multiplicities = new int[units];
        var results = new double[statistics];
        var samples = new List<double>[statistics];
        for (int s = 0; s < statistics; s++)
            samples[s] = new List<double>(resamples);
        for (int resample = 0; resample < resamples; resample++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Draw(new CounterRandom(seed, RandomPurpose.Bootstrap, (uint)resample), multiplicities);
            compute(multiplicities, results);
            for (int s = 0; s < statistics; s++)
            {
                if (!double.IsNaN(results[s]))
                    samples[s].Add(results[s]);
            }
        }

        return [.. samples.Select(sample => Between(sample, level))];
    }

    /// <summary>The interval of a mean of independent values, drawn as <see cref="UnitsOfRows"/>.</summary>
    /// <param name="values">The values, 1 or more.</param>
    /// <param name="seed">Key of the draws.</param>
    /// <param name="resamples">Number of resamples, 1 or more.</param>
    /// <param name="level">Coverage, above 0 to below 1.</param>
    /// <returns>The interval.</returns>
    public static ConfidenceInterval OfMean(IReadOnlyList<double> values, long seed, int resamples = Resamples, double level = Level)
    {
        int[] units = UnitsOfRows(values.Count, seed);
        int count = Math.Min(values.Count, MostUnits);
        var (sums, sizes) = (new double[count], new long[count]);
        for (int i = 0; i < units.Length; i++)
        {
            sums[units[i]] += values[i];
            sizes[units[i]]++;
        }

        return Intervals(count, 1, Compute, seed, resamples, level)[0];

        void Compute(ReadOnlySpan<int> multiplicities, Span<double> results)
        {
            double sum = 0;
            long drawn = 0;
            for (int unit = 0; unit < multiplicities.Length; unit++)
            {
                sum += multiplicities[unit] * sums[unit];
                drawn += multiplicities[unit] * sizes[unit];
            }

            results[0] = sum / drawn;
        }
    }

    /// <summary>
    /// The units that rows are drawn as: each row one, and of more than <see cref="MostUnits"/> rows groups chosen at random, of sizes that differ by one at most, so that drawing costs no more for a million rows. Of rows that
    /// do not depend on each other, groups tell the same as rows.
    /// </summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="seed">Key of the choice.</param>
    /// <returns>[rows] the unit of each.</returns>
    public static int[] UnitsOfRows(int rows, long seed)
    {
        var units = new int[rows];
        if (rows <= MostUnits)
        {
            for (int row = 0; row < rows; row++)
                units[row] = row;
            return units;
        }

        var order = new int[rows];
        new CounterRandom(seed, RandomPurpose.Bootstrap, uint.MaxValue).Permutation(order);
        for (int place = 0; place < rows; place++)
            units[order[place]] = place % MostUnits;
        return units;
    }

    /// <summary>The units that the blocks of one text are drawn as: each block one, and of more than <see cref="MostUnits"/> blocks runs of neighbours, which depend on each other (Künsch 1989).</summary>
    /// <param name="blocks">Number of blocks.</param>
    /// <returns>[blocks] the unit of each.</returns>
    public static int[] UnitsOfBlocks(int blocks)
    {
        int count = Math.Min(blocks, MostUnits);
        var units = new int[blocks];
        for (int block = 0; block < blocks; block++)
            units[block] = (int)((long)block * count / blocks);
        return units;
    }

    private static void Draw(CounterRandom random, int[] multiplicities)
    {
        Array.Clear(multiplicities);
        ulong units = (ulong)multiplicities.Length;
        for (int i = 0; i < multiplicities.Length; i += WordsOfABlock)
        {
            var (x0, x1, x2, x3) = random.Block(i / WordsOfABlock);
            multiplicities[(int)(x0 * units >> 32)]++;
            if (i + 1 < multiplicities.Length)
                multiplicities[(int)(x1 * units >> 32)]++;
            if (i + 2 < multiplicities.Length)
                multiplicities[(int)(x2 * units >> 32)]++;
            if (i + 3 < multiplicities.Length)
                multiplicities[(int)(x3 * units >> 32)]++;
        }
    }

    private static ConfidenceInterval Between(List<double> sample, double level)
    {
        if (sample.Count == 0)
            return new(double.NaN, double.NaN);
        sample.Sort();
        return new(Quantile(sample, (1 - level) / 2), Quantile(sample, (1 + level) / 2));
    }

    /// <summary>Linear between neighbours (Hyndman and Fan 1996, type 7).</summary>
    private static double Quantile(List<double> sorted, double share)
    {
        double place = share * (sorted.Count - 1);
        int below = (int)Math.Floor(place);
        int above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] == sorted[above] ? sorted[below] : sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
