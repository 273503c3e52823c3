namespace SequenceModels.Kernels;

/// <summary>Whole powers and roots by IEEE operations alone: the same bits on every machine, which Math.Pow does not promise.</summary>
internal static class Powers
{
    /// <summary>value^exponent, by squaring.</summary>
    /// <param name="value">The base.</param>
    /// <param name="exponent">0 or more.</param>
    public static double Power(double value, long exponent)
    {
        double result = 1;
        for (; exponent > 0; exponent >>= 1, value *= value)
        {
            if ((exponent & 1) == 1)
                result *= value;
        }

        return result;
    }

    /// <summary>The root^degree = value, to the last bits of a double, by halving the interval from 1 to <paramref name="value"/>.</summary>
    /// <param name="value">1 or more.</param>
    /// <param name="degree">1 or more.</param>
    public static double Root(double value, int degree)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1);
        double low = 1, high = value;
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high)
                return high;
            if (Power(middle, degree) < value)
                low = middle;
            else
                high = middle;
        }
    }
}
