using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SequenceModels.Randomness;

namespace SequenceModels.Kernels;

/// <summary>
/// Masks of one of two values an element, by <see cref="CounterRandom"/>: element i depends on the key and on word i alone. Whole numbers are exact on any machine, so the vectors (four blocks of
/// <see cref="Philox"/> at a time) give the words of the definition.
/// </summary>
internal static unsafe class RandomMask
{
    /// <summary>Elements worked on together.</summary>
    public const int Group = 16;

    /// <summary>The threshold that words lie below with a probability of 0 to below 1.</summary>
    public static uint Threshold(double probability) => (uint)Math.Min(probability * 4294967296.0, uint.MaxValue);

    /// <summary>mask[i] = word i of the sequence &lt; threshold ? below : above, for some groups of sixteen.</summary>
    /// <param name="random">The key.</param>
    /// <param name="threshold">Probability of <paramref name="below"/> times 2^32.</param>
    /// <param name="below">One value.</param>
    /// <param name="above">The other.</param>
    /// <param name="mask">Receives the elements; its first is element 0 of the sequence.</param>
    /// <param name="firstGroup">First group.</param>
    /// <param name="endGroup">One more than the last group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Draw(in CounterRandom random, uint threshold, float below, float above, float* mask, long firstGroup, long endGroup)
    {
        for (long group = firstGroup; group < endGroup; group++)
        {
            float* destination = mask + group * Group;
            if (Avx2.IsSupported)
                DrawVectors(random, threshold, below, above, destination, (uint)(group * 4));
            else
                DrawBlocks(random, threshold, below, above, destination, group * 4);
        }
    }

    /// <summary>The definition.</summary>
    public static void DrawBlocks(in CounterRandom random, uint threshold, float below, float above, float* mask, long block)
    {
        for (int i = 0; i < Group; i += 4, block++)
        {
            var (x0, x1, x2, x3) = random.Block(block);
            mask[i] = x0 < threshold ? below : above;
            mask[i + 1] = x1 < threshold ? below : above;
            mask[i + 2] = x2 < threshold ? below : above;
            mask[i + 3] = x3 < threshold ? below : above;
        }
    }

    // Each 64-bit lane holds a word in its lower half; what stands above is passed over by the products and cut off at the end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DrawVectors(in CounterRandom random, uint threshold, float below, float above, float* mask, uint block)
    {
        var multiplier0 = Vector256.Create(Philox.Multiplier0);
        var multiplier1 = Vector256.Create(Philox.Multiplier1);
        var counter0 = Vector256.Create(block, block + 1UL, block + 2UL, block + 3UL);
        var counter1 = Vector256.Create((ulong)random.Purpose);
        var counter2 = Vector256.Create((ulong)random.Step);
        var counter3 = Vector256.Create((ulong)random.Tensor);
        uint key0 = (uint)random.Seed, key1 = (uint)(random.Seed >> 32);
        for (int round = 0; round < Philox.Rounds; round++)
        {
            var product0 = Avx2.Multiply(counter0.AsUInt32(), multiplier0);
            var product1 = Avx2.Multiply(counter2.AsUInt32(), multiplier1);
            counter0 = (product1 >>> 32) ^ counter1 ^ Vector256.Create((ulong)key0);
            counter2 = (product0 >>> 32) ^ counter3 ^ Vector256.Create((ulong)key1);
            counter1 = product1;
            counter3 = product0;
            key0 += Philox.Weyl0;
            key1 += Philox.Weyl1;
        }

        var low = Vector256.Create((ulong)uint.MaxValue);
        var words01 = (counter0 & low) | (counter1 << 32);
        var words23 = (counter2 & low) | (counter3 << 32);
        var even = Avx2.UnpackLow(words01, words23);  // blocks 0 and 2
        var odd = Avx2.UnpackHigh(words01, words23);  // blocks 1 and 3
        Store(Avx2.Permute2x128(even, odd, 0x20).AsUInt32(), threshold, below, above, mask);
        Store(Avx2.Permute2x128(even, odd, 0x31).AsUInt32(), threshold, below, above, mask + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<uint> words, uint threshold, float below, float above, float* mask) =>
        Vector256.Store(Vector256.ConditionalSelect(Vector256.LessThan(words, Vector256.Create(threshold)).AsSingle(), Vector256.Create(below), Vector256.Create(above)), mask);
}
