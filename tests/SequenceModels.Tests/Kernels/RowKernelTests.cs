using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Tests.Exactness;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Kernels;

/// <summary>Normalisation, blending and masks against their definitions, at lengths around the sixteen lanes.</summary>
public sealed unsafe class RowKernelTests
{
    private const int Rows = 5;

    /// <summary>Values of order 1 in single precision.</summary>
    private const double Tolerance = 2e-5;

    [Fact]
    public void Layer_normalisation_and_its_gradients_are_the_textbook_s()
    {
        foreach (int length in (int[])[2, 5, 15, 16, 17, 32, 40, 70, 128])
        {
            using GuardedMemory v = KernelRuns.Filled(Rows * length, 31), gain = KernelRuns.Filled(length, 32), shift = KernelRuns.Filled(length, 33), dy = KernelRuns.Filled(Rows * length, 34);
            using GuardedMemory y = new(Rows * length), dv = new(Rows * length), statistics = new(2 * Rows), dGain = KernelRuns.Filled(length, 35), dShift = KernelRuns.Filled(length, 36);
            Matrix<double> Columns(GuardedMemory memory, int rows) => Matrix<double>.Build.Dense(length, rows, (component, row) => memory.Values[row * length + component]);
            var want = new TextbookLayerNorm(Columns(v, Rows), Columns(gain, 1), Columns(shift, 1), 1e-5);
            var (wantV, wantGain, wantShift) = want.Backward(Columns(dy, Rows));
            wantGain += Columns(dGain, 1); // both are added to
            wantShift += Columns(dShift, 1);

            var kernels = KernelSet.Best;
            kernels.LayerNormForward(v.Pointer, Rows, length, length, gain.Pointer, shift.Pointer, 1e-5f, y.Pointer, statistics.Pointer);
            kernels.LayerNormBackward(v.Pointer, statistics.Pointer, Rows, length, gain.Pointer, dy.Pointer, dv.Pointer);
            kernels.LayerNormGradients(v.Pointer, statistics.Pointer, dy.Pointer, Rows, length, length, dGain.Pointer, dShift.Pointer);

            AssertClose(want.Value, Columns(y, Rows), $"y of {length}");
            AssertClose(wantV, Columns(dv, Rows), $"dv of {length}");
            AssertClose(wantGain, Columns(dGain, 1), $"dgain of {length}");
            AssertClose(wantShift, Columns(dShift, 1), $"dshift of {length}");
        }
    }

    [Fact]
    public void A_blend_by_a_mask_is_one_of_the_two_bit_for_bit_and_its_backward_splits_the_gradient()
    {
        const int length = 48;
        using GuardedMemory previous = KernelRuns.Filled(length, 41), value = KernelRuns.Filled(length, 42), kept = new(length), gradient = KernelRuns.Filled(length, 43), rest = new(length);
        for (int i = 0; i < length; i++)
            kept.Values[i] = i * 7 % 3 == 0 ? 1 : 0;
        float[] before = value.Values.ToArray(), whole = gradient.Values.ToArray();

        KernelSet.Best.Blend(kept.Pointer, 0.5f, previous.Pointer, value.Pointer, length);
        KernelSet.Best.Unblend(kept.Pointer, gradient.Pointer, rest.Pointer, length);

        for (int i = 0; i < length; i++)
        {
            bool keeps = kept.Values[i] == 1;
            Assert.Equal(keeps ? previous.Values[i] : before[i], value.Values[i]);
            Assert.Equal(keeps ? whole[i] : 0, rest.Values[i]);
            Assert.Equal(keeps ? 0 : whole[i], gradient.Values[i]);
        }
    }

    [Theory]
    [InlineData(0.0, 1L)]
    [InlineData(0.3, 5L)]
    [InlineData(0.999, (1L << 53) - 1)]
    public void A_mask_is_its_definition_word_by_word(double probability, long seed)
    {
        const int groups = 20;
        var random = new CounterRandom(seed, RandomPurpose.Dropout, 17, 3001);
        using GuardedMemory mask = new(groups * RandomMask.Group), blocks = new(RandomMask.Group);
        uint threshold = RandomMask.Threshold(probability);
        RandomMask.Draw(random, threshold, -2, 3, mask.Pointer, 0, 7);
        RandomMask.Draw(random, threshold, -2, 3, mask.Pointer, 7, groups);

        for (int i = 0; i < mask.Length; i++)
            Assert.Equal(random.Word(i) < threshold ? -2f : 3f, mask.Values[i]);
        RandomMask.DrawBlocks(random, threshold, -2, 3, blocks.Pointer, 4 * 5);
        Assert.Equal(mask.Values.Slice(5 * RandomMask.Group, RandomMask.Group).ToArray(), blocks.Values.ToArray());
        Assert.Equal(probability, mask.Values.Count(-2f) / (double)mask.Length, 0.06);
    }

    private static void AssertClose(Matrix<double> want, Matrix<double> got, string what)
    {
        double scale = Math.Max(1, want.Enumerate().Max(Math.Abs));
        Assert.True((want - got).Enumerate().Max(Math.Abs) <= Tolerance * scale, $"{what}: {(want - got).Enumerate().Max(Math.Abs)} beside {scale}.");
    }
}
