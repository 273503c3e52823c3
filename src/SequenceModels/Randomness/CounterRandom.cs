using System.Runtime.CompilerServices;
using SequenceModels.Sampling;

namespace SequenceModels.Randomness;

/// <summary>What random numbers are drawn for; part of their key, so that no two uses share numbers.</summary>
internal enum RandomPurpose : uint
{
    /// <summary>Initial weights.</summary>
    Initialization = 1,

    /// <summary>The split of examples into training and validation.</summary>
    Split = 2,

    /// <summary>The order of training examples in an epoch.</summary>
    Shuffle = 3,

    /// <summary>Dropout masks.</summary>
    Dropout = 4,

    /// <summary>Tokens drawn from a language model.</summary>
    Sampling = 5,

    /// <summary>Examples drawn anew to tell how far a measurement would move (<see cref="Evaluation.Bootstrap"/>).</summary>
    Bootstrap = 6,
}

/// <summary>
/// A random sequence that is addressed, not consumed: element i is the same whenever, wherever and however often it is asked for.
/// Its key is (seed, purpose, step, tensor); its source is <see cref="Philox"/>.
/// </summary>
/// <param name="Seed">The user's seed, 0..2^53-1.</param>
/// <param name="Purpose">What the numbers are for.</param>
/// <param name="Step">Training step, epoch, or index of a sampled choice.</param>
/// <param name="Tensor">Which of several tensors of one step.</param>
internal readonly record struct CounterRandom(long Seed, RandomPurpose Purpose, uint Step = 0, uint Tensor = 0)
{
    private const float UnitOf24Bits = 1f / (1 << 24);
    private const double UnitOf53Bits = 1.0 / (1L << 53);

    /// <summary>The four words of block <paramref name="block"/>, elements 4 x block to 4 x block + 3.</summary>
    /// <param name="block">Index of the block. Only its lower 32 bits count.</param>
    /// <returns>Four words, each uniform over all 32-bit values.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (uint X0, uint X1, uint X2, uint X3) Block(long block) =>
        Philox.Generate((uint)block, (uint)Purpose, Step, Tensor, (uint)Seed, (uint)(Seed >> 32));

    /// <summary>Word <paramref name="index"/> of the sequence.</summary>
    /// <param name="index">Index of the element, 0..2^34-1.</param>
    /// <returns>A word uniform over all 32-bit values.</returns>
    public uint Word(long index)
    {
        var (x0, x1, x2, x3) = Block(index >> 2);
        return (index & 3) switch { 0 => x0, 1 => x1, 2 => x2, _ => x3 };
    }

    /// <summary>Element <paramref name="index"/> as a number in [0, 1) with 24 random bits.</summary>
    /// <param name="index">Index of the element.</param>
    /// <returns>A multiple of 2^-24.</returns>
    public float Uniform(long index) => (Word(index) >> 8) * UnitOf24Bits;

    /// <summary>A number in [0, 1) with 53 random bits, made of the first two words of block <paramref name="block"/>.</summary>
    /// <param name="block">Index of the block.</param>
    /// <returns>A multiple of 2^-53.</returns>
    public double UniformDouble(long block)
    {
        var (x0, x1, _, _) = Block(block);
        return (((ulong)x0 << 21) ^ (x1 >> 11)) * UnitOf53Bits;
    }

    /// <summary>Two independent numbers of the standard normal distribution from block <paramref name="block"/> (Box and Muller 1958).</summary>
    /// <param name="block">Index of the block.</param>
    /// <returns>Two independent draws.</returns>
    public (double Z0, double Z1) Normal(long block)
    {
        var (x0, x1, x2, x3) = Block(block);
        double u = ((((ulong)x0 << 21) ^ (x1 >> 11)) + 1) * UnitOf53Bits;
        double v = (((ulong)x2 << 21) ^ (x3 >> 11)) * UnitOf53Bits;
        double radius = Math.Sqrt(-2 * SamplingMath.Log(u));
        var (cosine, sine) = UnitCircle.At(v);
        return (radius * cosine, radius * sine);
    }

    /// <summary>Puts the numbers 0..n-1 into a random order (Fisher and Yates, each exchange from its own element).</summary>
    /// <param name="order">Receives the order.</param>
    public void Permutation(Span<int> order)
    {
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Shuffle(order);
    }

    /// <summary>Puts <paramref name="items"/> into a random order that depends on this key and their number alone.</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <param name="items">The items, reordered in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = (int)(((ulong)Word(i) * (ulong)(i + 1)) >> 32);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
