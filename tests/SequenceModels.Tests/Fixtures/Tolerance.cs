namespace SequenceModels.Tests.Fixtures;

/// <summary>How far a number may lie from the wanted one: |got - want| &lt;= Absolute + Relative * |want|.</summary>
internal readonly record struct Tolerance(double Relative, double Absolute)
{
    /// <summary>For code in double precision: an independent implementation agrees to 1e-13, so this leaves four digits for another order of sums.</summary>
    public static readonly Tolerance Float64 = new(1e-9, 1e-12);

    /// <summary>For code in single precision: other single-precision implementations stay within 16 % of this.</summary>
    public static readonly Tolerance Float32 = new(1e-4, 1e-5);

    /// <summary>Whether <paramref name="got"/> is near enough; never for NaN.</summary>
    public bool Allows(double got, double want) => Math.Abs(got - want) <= Absolute + Relative * Math.Abs(want);

    /// <summary>Fails at the first number that is too far away, naming it.</summary>
    public void AssertClose(GoldenTensor want, ReadOnlySpan<double> got, string what)
    {
        Assert.True(want.Values.Length == got.Length, $"{what}: {got.Length} numbers instead of {want.Values.Length}.");
        for (int i = 0; i < got.Length; i++)
        {
            if (!Allows(got[i], want.Values[i]))
                Assert.Fail($"{what}, number {i} of {got.Length} (shape [{string.Join(',', want.Shape)}]): {got[i]:R} instead of {want.Values[i]:R}, allowed {Absolute} + {Relative} relative.");
        }
    }

    /// <summary>Fails at the first number that is too far away, naming it.</summary>
    public void AssertClose(GoldenTensor want, ReadOnlySpan<float> got, string what)
    {
        var wide = new double[got.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = got[i];
        AssertClose(want, wide, what);
    }

    /// <summary>Fails if the number is too far away.</summary>
    public void AssertClose(double want, double got, string what) => AssertClose(new GoldenTensor([want], []), [got], what);
}
