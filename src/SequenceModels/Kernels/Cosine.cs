namespace SequenceModels.Kernels;

/// <summary>The cosine as one fixed sequence of IEEE operations, the same on every machine, which Math.Cos does not promise.</summary>
internal static class Cosine
{
    /// <summary>
    /// cos(pi t) = 1 - 2 sin^2 x, x = pi t / 2, by the sine's Taylor series to x^17 (x is at most pi / 4: truncation below 1e-19); beyond the quarter turn
    /// as -cos(pi (1 - t)).
    /// </summary>
    /// <param name="t">Half turns, 0..1.</param>
    /// <returns>Exactly 1 at 0 and -1 at 1; between them to within a few units in the last place of 1.</returns>
    public static double OfHalfTurns(double t)
    {
        if (t > 0.5)
            return -OfHalfTurns(1 - t);
        double x = Math.PI / 2 * t, square = x * x, nested = 1;
        for (int power = 17; power >= 3; power -= 2)
            nested = 1 - square / (power * (power - 1)) * nested;
        double sine = x * nested;
        return 1 - 2 * sine * sine;
    }
}
