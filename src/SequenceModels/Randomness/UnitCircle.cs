namespace SequenceModels.Randomness;

/// <summary>
/// Cosine and sine by one fixed sequence of operations. Those of the system's mathematical library differ in their last bits from one processor and library to another, and
/// initial weights must not.
/// </summary>
internal static class UnitCircle
{
    private static readonly double[] SineSeries =
    [
        1, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362_880, -1.0 / 39_916_800, 1.0 / 6_227_020_800, -1.0 / 1_307_674_368_000, 1.0 / 355_687_428_096_000,
    ];

    private static readonly double[] CosineSeries =
    [
        1, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40_320, -1.0 / 3_628_800, 1.0 / 479_001_600, -1.0 / 87_178_291_200, 1.0 / 20_922_789_888_000,
    ];

    /// <summary>cos and sin of 2 pi <paramref name="turns"/>: the angle from the nearest quarter, at most pi / 4, by Taylor's series (error below 2^-58), then turned by the quarters.</summary>
    /// <param name="turns">0 to below 1.</param>
    public static (double Cosine, double Sine) At(double turns)
    {
        double quarters = Math.Floor(4 * turns + 0.5);
        double angle = 2 * Math.PI * (turns - 0.25 * quarters), square = angle * angle;
        double sine = 0, cosine = 0;
        for (int i = SineSeries.Length - 1; i >= 0; i--)
        {
            sine = sine * square + SineSeries[i];
            cosine = cosine * square + CosineSeries[i];
        }

        sine *= angle;
        return ((int)quarters & 3) switch
        {
            0 => (cosine, sine),
            1 => (-sine, cosine),
            2 => (-cosine, -sine),
            _ => (sine, -cosine),
        };
    }
}
