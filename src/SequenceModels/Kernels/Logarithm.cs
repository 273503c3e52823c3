namespace SequenceModels.Kernels;

/// <summary>The natural logarithm as one fixed sequence of IEEE operations, the same on every machine.</summary>
internal static class Logarithm
{
    private const double Ln2 = 0.6931471805599453;
    private const double SquareRootOfHalf = 0.7071067811865476;

    /// <summary>
    /// ln x, rounded to a float: x = 2^n m with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh(s), s = (m - 1) / (m + 1), by its series to s^19
    /// in double precision (truncation below 1e-16 relative, |s| being at most 0.1716).
    /// </summary>
    /// <param name="x">The argument.</param>
    /// <returns>ln x; minus infinity for 0, NaN below 0 and for NaN, infinity for infinity.</returns>
    public static float Log(float x) => (float)LogDouble(x);

    /// <summary>As <see cref="Log(float)"/>, in double precision.</summary>
    public static double LogDouble(double x)
    {
        if (!(x > 0))
            return x == 0 ? double.NegativeInfinity : double.NaN;
        if (double.IsPositiveInfinity(x))
            return x;
        int exponent = Math.ILogB(x);
        double m = Math.ScaleB(x, -exponent);
        if (m * SquareRootOfHalf > 1)
        {
            m *= 0.5;
            exponent++;
        }

        double s = (m - 1) / (m + 1), square = s * s, series = 0;
        for (int power = 19; power >= 1; power -= 2)
            series = Math.FusedMultiplyAdd(series, square, 1.0 / power);
        return Math.FusedMultiplyAdd(exponent, Ln2, 2 * s * series);
    }
}
