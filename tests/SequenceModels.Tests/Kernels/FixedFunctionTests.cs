using FsCheck;
using FsCheck.Xunit;
using SequenceModels.Kernels;

namespace SequenceModels.Tests.Kernels;

/// <summary>Powers, roots and the cosine that are the same on every machine.</summary>
public sealed class FixedFunctionTests
{
    [Fact]
    public void The_cosine_is_right_to_a_few_units_in_the_last_place()
    {
        for (int i = 0; i <= 10_000; i++)
            Assert.Equal(Math.Cos(Math.PI * i / 10_000), Cosine.OfHalfTurns(i / 10_000.0), 1e-15); // the arguments alone, up to 3, are rounded by 4e-16
        Assert.Equal((1, -1), (Cosine.OfHalfTurns(0), Cosine.OfHalfTurns(1)));
    }

    [Property]
    public void A_root_raised_to_its_degree_is_the_number(NormalFloat number, PositiveInt degree)
    {
        double value = 1 + Math.Abs(number.Get);

        double root = Powers.Root(value, degree.Get);

        Assert.Equal(Math.Pow(value, 1.0 / degree.Get), root, 1e-12 * root);
        Assert.Equal(1, Powers.Power(root, degree.Get) / value, 1e-11);
    }

    [Fact]
    public void Powers_and_roots_at_their_ends()
    {
        Assert.Equal(1, Powers.Power(0.9, 0));
        Assert.Equal(0.1 * 0.1 * 0.1, Powers.Power(0.1, 3), 1e-18);
        Assert.Equal(1, Powers.Root(1, 7));
        Assert.Equal(8, Powers.Root(8, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Powers.Root(0.5, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Powers.Root(2, 0));
    }
}
