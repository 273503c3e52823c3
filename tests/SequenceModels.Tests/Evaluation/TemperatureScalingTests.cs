using FsCheck.Xunit;
using SequenceModels.Evaluation;
using SequenceModels.Randomness;

namespace SequenceModels.Tests.Evaluation;

public sealed class TemperatureScalingTests
{
    [Theory]
    [InlineData(4, 30, 40)] // confident: 98 % said, 75 % right
    [InlineData(0.5f, 36, 40)] // shy: 62 % said, 90 % right
    [InlineData(1.5f, 25, 40)]
    public void Two_labels_of_one_distance_have_a_temperature_in_closed_form(float distance, int right, int examples)
    {
        // sigmoid(d / T) = share: T = d / ln(right / wrong).
        float[] logits = [.. Enumerable.Range(0, examples).SelectMany(_ => new[] { distance, 0 })];
        int[] labels = [.. Enumerable.Range(0, examples).Select(i => i < right ? 0 : 1)];
        var fitted = TemperatureScaling.Fit(logits, labels, 2);
        Assert.Equal(distance / Math.Log((double)right / (examples - right)), fitted.Temperature, 1e-9);
        Assert.Null(fitted.NotFitted);
        Assert.Equal(examples, fitted.Examples);
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void The_temperature_that_labels_were_drawn_at_is_found_again(double temperature)
    {
        const int examples = 20_000;
        var (logits, labels) = Drawn(examples, 5, temperature, seed: 3);
        var fitted = TemperatureScaling.Fit(logits, labels, 5);
        Assert.Equal(temperature, fitted.Temperature, temperature * 0.03); // standard error about 1 %

        var (before, after) = (new ReliabilityTable(), new ReliabilityTable());
        var probabilities = new double[5];
        for (int i = 0; i < examples; i++)
        {
            foreach (var (table, t) in new[] { (before, 1.0), (after, fitted.Temperature) })
            {
                TemperatureScaling.Probabilities(logits.AsSpan(i * 5, 5), t, probabilities);
                int best = Array.IndexOf(probabilities, probabilities.Max());
                table.Add(probabilities[best], best == labels[i]);
            }
        }

        Assert.InRange(after.ExpectedCalibrationError, 0, 0.012);
        if (temperature != 1)
            Assert.True(before.ExpectedCalibrationError > 0.1, $"{before.ExpectedCalibrationError}");
    }

    [Fact]
    public void Where_there_is_no_best_temperature_none_is_made_up()
    {
        float[] logits = [.. Enumerable.Range(0, 40).SelectMany(_ => new[] { 2f, 0 })];
        var allRight = TemperatureScaling.Fit(logits, new int[40], 2);
        Assert.Equal(1, allRight.Temperature);
        Assert.Contains("rightly", allRight.NotFitted, StringComparison.Ordinal);

        var few = TemperatureScaling.Fit(logits.AsSpan(0, 58), new int[29], 2);
        Assert.Equal(1, few.Temperature);
        Assert.Contains("30", few.NotFitted, StringComparison.Ordinal);

        // Worse than chance: the more even the better, up to the limit.
        int[] wrong = [.. Enumerable.Repeat(1, 40)];
        Assert.Equal(TemperatureScaling.Most, TemperatureScaling.Fit(logits, wrong, 2).Temperature);
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit(logits, wrong, 3));
    }

    [Fact]
    public void Logits_of_any_size_give_probabilities()
    {
        var probabilities = new double[3];
        TemperatureScaling.Probabilities([1000, 0, -1000], 1, probabilities);
        Assert.Equal([1.0, 0, 0], probabilities);
        Assert.Equal(1000.0 / 7, TemperatureScaling.Probabilities([1000, 0, -1000], 7, probabilities), 1e-10);
        Assert.Equal(1, probabilities.Sum(), 1e-15);
        Assert.True(probabilities[1] > 0);
    }

    [Property(MaxTest = 40)]
    public bool Scaling_never_raises_the_loss_nor_moves_the_order(uint seed, byte classes, byte scale)
    {
        int c = 2 + classes % 6;
        var (logits, labels) = Drawn(60, c, 0.2 + scale / 40.0, seed);
        double temperature = TemperatureScaling.Fit(logits, labels, c).Temperature;
        double[] plain = new double[c], scaled = new double[c];
        double before = 0, after = 0;
        bool sameOrder = true;
        for (int i = 0; i < labels.Length; i++)
        {
            var z = logits.AsSpan(i * c, c);
            before += TemperatureScaling.Probabilities(z, 1, plain) - z[labels[i]];
            after += TemperatureScaling.Probabilities(z, temperature, scaled) - z[labels[i]] / temperature;
            sameOrder &= Array.IndexOf(plain, plain.Max()) == Array.IndexOf(scaled, scaled.Max());
        }

        return after <= before + 1e-9 && sameOrder && temperature is >= TemperatureScaling.Least and <= TemperatureScaling.Most;
    }

    /// <summary>Random logits, and labels drawn from their softmax at a temperature.</summary>
    private static (float[] Logits, int[] Labels) Drawn(int examples, int classes, double temperature, long seed)
    {
        var random = new CounterRandom(seed, RandomPurpose.Sampling);
        float[] logits = [.. Enumerable.Range(0, examples * classes).Select(i => (float)(2 * (random with { Tensor = 1 }).Normal(i).Z0))];
        var labels = new int[examples];
        var probabilities = new double[classes];
        for (int i = 0; i < examples; i++)
        {
            TemperatureScaling.Probabilities(logits.AsSpan(i * classes, classes), temperature, probabilities);
            double u = random.UniformDouble(i);
            for (; labels[i] < classes - 1 && u >= probabilities[labels[i]]; labels[i]++)
                u -= probabilities[labels[i]];
        }

        return (logits, labels);
    }
}
