using System.Runtime.CompilerServices;

namespace SequenceModels.Randomness;

/// <summary>
/// The counter-based generator Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// A pure function from (counter, key) to 128 random bits: no state, hence no order of use that could matter.
/// </summary>
internal static class Philox
{
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint Weyl0 = 0x9E3779B9;
    internal const uint Weyl1 = 0xBB67AE85;
    internal const int Rounds = 10;

    /// <summary>The 128 random bits of one counter under one key.</summary>
    /// <param name="counter0">Word 0 of the counter.</param>
    /// <param name="counter1">Word 1 of the counter.</param>
    /// <param name="counter2">Word 2 of the counter.</param>
    /// <param name="counter3">Word 3 of the counter.</param>
    /// <param name="key0">Word 0 of the key.</param>
    /// <param name="key1">Word 1 of the key.</param>
    /// <returns>Four words, each uniform over all 32-bit values.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (uint X0, uint X1, uint X2, uint X3) Generate(uint counter0, uint counter1, uint counter2, uint counter3, uint key0, uint key1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * counter0;
            ulong product1 = (ulong)Multiplier1 * counter2;
            uint next0 = (uint)(product1 >> 32) ^ counter1 ^ key0;
            uint next2 = (uint)(product0 >> 32) ^ counter3 ^ key1;
            counter1 = (uint)product1;
            counter3 = (uint)product0;
            counter0 = next0;
            counter2 = next2;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return (counter0, counter1, counter2, counter3);
    }
}
