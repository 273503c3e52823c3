using SequenceModels.Kernels;
using SequenceModels.Randomness;

namespace SequenceModels.Tests.Kernels;

/// <summary>The kernels of update rules, clipping and softplus give the scalar definition's bits at every width and length, and touch nothing past their ends.</summary>
public sealed unsafe class UpdateKernelTests
{
    private static readonly KernelSet Scalar = KernelSet.For(SimdWidth.Scalar);
    private static readonly UpdateConstants Constants = new(0.5f, 0.01f, 0.02f, 0.999f);

    public static TheoryData<int> Widths => [4, 8, 16];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Update_rules_agree(int lanes)
    {
        foreach (int length in new[] { 0, 16, 32, 48, 256 })
        {
            AssertAgree(lanes, length, (set, v, g, a, _, _) => set.Sgd(v, g, null, length, Constants, 0, false));
            AssertAgree(lanes, length, (set, v, g, a, _, _) => set.Sgd(v, g, a, length, Constants, 0.9f, false));
            AssertAgree(lanes, length, (set, v, g, a, _, _) => set.Sgd(v, g, a, length, Constants, 0.9f, true));
            AssertAgree(lanes, length, (set, v, g, a, _, _) => set.AveragedSgd(v, g, a, length, Constants, 1));
            AssertAgree(lanes, length, (set, v, g, a, _, _) => set.AveragedSgd(v, g, a, length, Constants, 0.25f));
            AssertAgree(lanes, length, (set, v, g, a, _, _) => set.Adagrad(v, g, a, length, Constants, 1e-10f));
            AssertAgree(lanes, length, (set, v, g, a, _, _) => set.RmsProp(v, g, a, null, null, length, Constants, new(0.99f, 0, 1e-8f)));
            AssertAgree(lanes, length, (set, v, g, a, b, _) => set.RmsProp(v, g, a, b, null, length, Constants, new(0.99f, 0, 1e-8f)));
            AssertAgree(lanes, length, (set, v, g, a, b, c) => set.RmsProp(v, g, a, b, c, length, Constants, new(0.99f, 0.8f, 1e-8f)));
            AssertAgree(lanes, length, (set, v, g, a, b, c) => set.AdamVariant(v, g, b, a, c, length, new(0.5f, 0.9f, 0.999f, 0.01f, 3.2f, 1e-8f), new(0.02f, 0.999f)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Clipping_agrees_and_bounds_everything_but_NaN(int lanes)
    {
        const int length = 64;
        using GuardedMemory want = Filled(length, 1), got = Filled(length, 1);
        want.Values[3] = got.Values[3] = float.NaN;
        want.Values[5] = got.Values[5] = float.NegativeInfinity;
        float[] before = want.Values.ToArray();

        Scalar.ClipValues(want.Pointer, length, 0.7f);
        KernelSet.For((SimdWidth)lanes).ClipValues(got.Pointer, length, 0.7f);

        Assert.Equal(want.Values, got.Values);
        for (int i = 0; i < length; i++)
            Assert.Equal(i == 3 ? float.NaN : Math.Clamp(before[i], -0.7f, 0.7f), got.Values[i]);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Softplus_agrees_at_every_length(int lanes)
    {
        for (int length = 0; length <= 256; length++)
        {
            using GuardedMemory z = Filled(length, 2), wantValue = new(length), wantSlope = new(length), gotValue = new(length), gotSlope = new(length);
            Scalar.SoftplusOfMinus(z.Pointer, wantValue.Pointer, wantSlope.Pointer, length);
            KernelSet.For((SimdWidth)lanes).SoftplusOfMinus(z.Pointer, gotValue.Pointer, gotSlope.Pointer, length);

            Assert.Equal(wantValue.Values, gotValue.Values);
            Assert.Equal(wantSlope.Values, gotSlope.Values);
        }
    }

    [Fact]
    public void Softplus_and_sigmoid_are_exact_to_a_few_units_in_the_last_place()
    {
        for (float z = -100; z <= 100; z += 0.0137f)
        {
            float argument = z, value, slope;
            KernelSet.Best.SoftplusOfMinus(&argument, &value, &slope, 1);
            // log(1 + e) loses its digits where e is small: there it is e - e^2 / 2. Below the least argument of the exponential the tail is zero.
            double e = Math.Exp(-Math.Abs((double)z)), tail = z > -Exponential.LowestArgument ? 0 : e < 1e-8 ? e - e * e / 2 : Math.Log(1 + e), want = tail + Math.Max(-(double)z, 0);
            double wantSlope = z > -Exponential.LowestArgument ? 0 : 1 / (1 + Math.Exp(z));
            Assert.True(Math.Abs(value - want) <= 4e-7 * want, $"softplus(-{z:R}) is {value:R}, not {want:R}");
            Assert.True(Math.Abs(slope - wantSlope) <= 4e-7 * wantSlope, $"sigmoid(-{z:R}) is {slope:R}, not {wantSlope:R}");
        }
    }

    [Fact]
    public void A_centred_mean_of_squares_that_rounding_makes_negative_is_zero()
    {
        const int length = 16;
        using GuardedMemory values = new(length), gradients = new(length), squares = new(length), means = new(length);
        gradients.Values.Fill(1);
        squares.Values.Fill(1 - 1e-6f);
        means.Values.Fill(1);

        KernelSet.Best.RmsProp(values.Pointer, gradients.Pointer, squares.Pointer, means.Pointer, null, length, new UpdateConstants(1, 0.001f), new(0.5f, 0, 0.5f));

        Assert.All(values.Values.ToArray(), value => Assert.Equal(-0.002f, value));
    }

    private static void AssertAgree(int lanes, int length, Update update)
    {
        float[][] results = [.. new[] { Scalar, KernelSet.For((SimdWidth)lanes) }.Select(set =>
        {
            using GuardedMemory values = Filled(length, 3), gradients = Filled(length, 4), a = Filled(length, 5), b = Filled(length, 6), c = Filled(length, 7);
            foreach (ref float square in a.Values)
                square = Math.Abs(square) + 40; // a mean of squares, above the square of any mean
            update(set, values.Pointer, gradients.Pointer, a.Pointer, b.Pointer, c.Pointer);
            Assert.All(gradients.Values.ToArray(), gradient => Assert.Equal(0, gradient));
            return (float[])[.. values.Values, .. a.Values, .. b.Values, .. c.Values];
        })];

        Assert.Equal(results[0], results[1]);
        Assert.All(results[0], value => Assert.True(float.IsFinite(value)));
    }

    private static GuardedMemory Filled(int length, uint tensor)
    {
        var memory = new GuardedMemory(length);
        var random = new CounterRandom(98, RandomPurpose.Initialization, 0, tensor);
        for (int i = 0; i < length; i++)
            memory.Values[i] = (random.Uniform(i) - 0.5f) * 6;
        return memory;
    }

    private delegate void Update(KernelSet kernels, float* values, float* gradients, float* a, float* b, float* c);
}
