namespace SequenceModels.Sampling;

/// <summary>
/// The mathematics of sampling. Everything that a drawn token depends on goes through here, in double precision, by one fixed sequence of
/// operations, so that a result never depends on the thread, the machine or its mathematical library.
/// </summary>
internal static class SamplingMath
{
    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts; the first has its lower 21 bits zero, so that k times it is exact.
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;

    private static readonly double[] InverseFactorials =
    [
        1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40_320, 1.0 / 362_880,
        1.0 / 3_628_800, 1.0 / 39_916_800, 1.0 / 479_001_600, 1.0 / 6_227_020_800,
    ];

    /// <summary>
    /// e^x: x = k ln 2 + r with |r| at most ln 2 / 2, the Taylor polynomial of degree 13 for e^r (error below 2^-57), times 2^k.
    /// 0 below -708 (where doubles lose precision), infinity above 709; NaN gives NaN.
    /// </summary>
    public static double Exp(double x)
    {
        if (x < -708)
            return 0;
        if (x > 709)
            return double.PositiveInfinity;
        double k = Math.Floor(x * Log2E + 0.5);
        double r = (x - k * Ln2High) - k * Ln2Low;
        double sum = InverseFactorials[^1];
        for (int i = InverseFactorials.Length - 2; i >= 0; i--)
            sum = sum * r + InverseFactorials[i];
        return sum * BitConverter.Int64BitsToDouble(((long)k + 1023) << 52);
    }

    /// <summary>
    /// ln x: x = 2^k m with m from sqrt(1/2) to sqrt(2), ln m = 2 artanh f with f = (m-1)/(m+1), by the series to f^21 (error below 2^-58).
    /// Minus infinity at 0 (and below 2^-1022), infinity at infinity; NaN below 0 and for NaN.
    /// </summary>
    public static double Log(double x)
    {
        if (!(x > 0))
            return x == 0 ? double.NegativeInfinity : double.NaN;
        if (double.IsSubnormal(x))
            return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x))
            return x;
        long bits = BitConverter.DoubleToInt64Bits(x);
        int k = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            k++;
        }

        double f = (m - 1) / (m + 1);
        double s = f * f;
        double sum = 0;
        for (int i = 21; i >= 1; i -= 2)
            sum = sum * s + 1.0 / i;
        return k * Ln2High + (2 * f * sum + k * Ln2Low);
    }

    /// <summary>Largest of the values; minus infinity if there are none.</summary>
    public static float Max(ReadOnlySpan<float> values)
    {
        float max = float.NegativeInfinity;
        foreach (float value in values)
            max = value > max ? value : max;
        return max;
    }

    /// <summary>p = softmax(logits), summed in order of index; a logit of minus infinity gives 0. At least one logit is finite.</summary>
    public static void Softmax(ReadOnlySpan<float> logits, Span<double> probabilities)
    {
        double max = Max(logits);
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
            sum += probabilities[i] = Exp(logits[i] - max);
        for (int i = 0; i < logits.Length; i++)
            probabilities[i] /= sum;
    }

    /// <summary>ln softmax(logits)[token].</summary>
    public static double LogProbability(ReadOnlySpan<float> logits, int token)
    {
        double max = Max(logits);
        double sum = 0;
        foreach (float logit in logits)
            sum += Exp(logit - max);
        return logits[token] - max - Log(sum);
    }

    /// <summary>Index of the largest value, the lowest of equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }

    /// <summary>The inverse of the cumulative distribution: the smallest i with u &lt; p[0] + ... + p[i]; of rounding's rest, the last possible index.</summary>
    public static int Draw(ReadOnlySpan<double> probabilities, double u)
    {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] == 0)
                continue;
            sum += probabilities[i];
            last = i;
            if (u < sum)
                break;
        }

        return last;
    }
}
