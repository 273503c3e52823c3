namespace SequenceModels.Sampling;

/// <summary>Memory that the processors of one sampler share, so that no token costs an allocation.</summary>
internal sealed class SamplingScratch(int vocabularySize)
{
    private const int Buckets = 256;
    private readonly double[] _bucketWeights = new double[Buckets];
    private readonly bool[] _bucketUsed = new bool[Buckets];

    /// <summary>[V] probabilities.</summary>
    public double[] Probabilities { get; } = new double[vocabularySize];

    /// <summary>[V] what tokens are ranked by.</summary>
    public float[] Ranks { get; } = new float[vocabularySize];

    /// <summary>
    /// The cut of a ranking: the smallest rank above which there is less than <paramref name="amount"/> of weight, or the smallest rank of all if there is always less.
    /// A token is kept if its rank is not below the cut: so equals are kept or removed together. Found by four rounds of 256 buckets, without sorting.
    /// </summary>
    /// <param name="ranks">Ranks; minus infinity is out of the ranking. At least one is finite.</param>
    /// <param name="weights">Weights; empty: 1 each.</param>
    /// <param name="amount">The weight to reach.</param>
    public float Cut(ReadOnlySpan<float> ranks, ReadOnlySpan<double> weights, double amount)
    {
        uint prefix = 0, mask = 0;
        double above = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            Array.Clear(_bucketWeights);
            Array.Clear(_bucketUsed);
            for (int i = 0; i < ranks.Length; i++)
            {
                uint key = OrderedBits(ranks[i]);
                if ((key & mask) != prefix || float.IsNegativeInfinity(ranks[i]))
                    continue;
                int bucket = (int)(key >> shift) & (Buckets - 1);
                _bucketWeights[bucket] += weights.IsEmpty ? 1 : weights[i];
                _bucketUsed[bucket] = true;
            }

            int chosen = Array.LastIndexOf(_bucketUsed, true);
            for (int bucket = chosen - 1; bucket >= 0 && above + _bucketWeights[chosen] < amount; bucket--)
            {
                if (!_bucketUsed[bucket])
                    continue;
                above += _bucketWeights[chosen];
                chosen = bucket;
            }

            prefix |= (uint)chosen << shift;
            mask |= (Buckets - 1u) << shift;
        }

        return FromOrderedBits(prefix);
    }

    // Adding zero makes -0 and +0 one key; then unsigned order is the order of the numbers.
    private static uint OrderedBits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }

    private static float FromOrderedBits(uint key) =>
        BitConverter.UInt32BitsToSingle((key & 0x8000_0000) != 0 ? key & 0x7FFF_FFFF : ~key);
}
