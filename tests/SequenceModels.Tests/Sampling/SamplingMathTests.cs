using SequenceModels.Sampling;

namespace SequenceModels.Tests.Sampling;

public sealed class SamplingMathTests
{
    // Two roundings of a double's last place: one of the polynomial, one of the reference.
    private const double RelativeError = 4.5e-16;

    [Fact]
    public void Exp_agrees_with_the_platform_to_the_last_places()
    {
        for (double x = -700; x <= 700; x += 0.0371)
            Assert.InRange(SamplingMath.Exp(x) / Math.Exp(x), 1 - 2 * RelativeError, 1 + 2 * RelativeError);
        Assert.Equal(1, SamplingMath.Exp(0));
    }

    [Fact]
    public void Log_agrees_with_the_platform_to_the_last_places()
    {
        for (double x = 1e-300; x < 1e300; x *= 1.0173)
            Assert.InRange(SamplingMath.Log(x) - Math.Log(x), -2 * RelativeError * Math.Max(1, Math.Abs(Math.Log(x))), 2 * RelativeError * Math.Max(1, Math.Abs(Math.Log(x))));
        Assert.Equal(0, SamplingMath.Log(1));
    }

    [Theory]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(-1000, 0)]
    [InlineData(1000, double.PositiveInfinity)]
    [InlineData(double.NaN, double.NaN)]
    public void Exp_ends_as_it_should(double x, double want) => Assert.Equal(want, SamplingMath.Exp(x));

    [Theory]
    [InlineData(0, double.NegativeInfinity)]
    [InlineData(-1, double.NaN)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.NaN, double.NaN)]
    public void Log_ends_as_it_should(double x, double want) => Assert.Equal(want, SamplingMath.Log(x));

    [Fact]
    public void The_log_probability_is_that_of_the_softmax()
    {
        float[] logits = [1, 2, 3, float.NegativeInfinity];
        double sum = Math.Exp(1) + Math.Exp(2) + Math.Exp(3);

        Assert.Equal(2 - Math.Log(sum), SamplingMath.LogProbability(logits, 1), 14);
        Assert.Equal(double.NegativeInfinity, SamplingMath.LogProbability(logits, 3));
    }

    [Fact]
    public void Huge_logits_keep_their_softmax()
    {
        var probabilities = new double[3];
        SamplingMath.Softmax([float.MaxValue, float.MaxValue, float.MinValue], probabilities);

        Assert.Equal([0.5, 0.5, 0], probabilities);
    }

    [Fact]
    public void A_draw_of_rounding_s_rest_is_the_last_possible_token()
    {
        // The probabilities sum to less than the largest number below 1.
        double[] probabilities = [0.5, 0.25, 0.2499999, 0];

        Assert.Equal(2, SamplingMath.Draw(probabilities, Math.BitDecrement(1.0)));
        Assert.Equal(0, SamplingMath.Draw(probabilities, 0));
        Assert.Equal(1, SamplingMath.Draw(probabilities, 0.5));
    }
}
