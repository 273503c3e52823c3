using SequenceModels.Randomness;

namespace SequenceModels.Tests.Randomness;

public sealed class PhiloxTests
{
    // Known answers published with Random123 (kat_vectors, philox4x32 10 rounds).
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_gives_the_published_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal((x0, x1, x2, x3), Philox.Generate(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void A_permutation_holds_every_number_once_and_depends_on_the_seed()
    {
        var first = new int[1000];
        var second = new int[1000];
        new CounterRandom(1, RandomPurpose.Shuffle).Permutation(first);
        new CounterRandom(2, RandomPurpose.Shuffle).Permutation(second);

        Assert.Equal(Enumerable.Range(0, 1000), first.Order());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Uniform_and_normal_numbers_have_the_moments_of_their_distributions()
    {
        var random = new CounterRandom(7, RandomPurpose.Initialization);
        const int count = 200_000;
        var uniform = Enumerable.Range(0, count).Select(i => (double)random.Uniform(i)).ToArray();
        var normal = Enumerable.Range(0, count / 2).SelectMany(i => new[] { random.Normal(i).Z0, random.Normal(i).Z1 }).ToArray();

        // Five standard errors of each mean: sqrt(1/12 / n) and sqrt(1 / n).
        Assert.InRange(uniform.Average(), 0.5 - 5 * 0.2887 / Math.Sqrt(count), 0.5 + 5 * 0.2887 / Math.Sqrt(count));
        Assert.InRange(normal.Average(), -5 / Math.Sqrt(count), 5 / Math.Sqrt(count));
        Assert.InRange(normal.Average(z => z * z), 1 - 5 * Math.Sqrt(2.0 / count), 1 + 5 * Math.Sqrt(2.0 / count));
        Assert.All(uniform, u => Assert.InRange(u, 0, 1 - 1.0 / (1 << 24)));
    }

    [Fact]
    public void Cosine_and_sine_are_those_of_the_angle()
    {
        const int points = 100_000;
        for (int i = 0; i <= points; i++)
        {
            double turns = i < points ? (double)i / points : 1 - 1.0 / (1L << 53);
            var (cosine, sine) = UnitCircle.At(turns);
            // The library's angle 2 pi x turns is rounded, by up to half a unit of 6.28; ours is that from the nearest quarter.
            Assert.Equal(Math.Cos(2 * Math.PI * turns), cosine, 1e-15);
            Assert.Equal(Math.Sin(2 * Math.PI * turns), sine, 1e-15);
        }

        Assert.Equal([(1, 0), (0, 1), (-1, 0), (0, -1)], new[] { 0, 0.25, 0.5, 0.75 }.Select(UnitCircle.At));
    }
}
