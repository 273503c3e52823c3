using SequenceModels.Kernels;

namespace SequenceModels.Tests.Kernels;

/// <summary>exp, sigmoid, tanh and log against double precision.</summary>
public sealed unsafe class ElementaryFunctionTests
{
    // Three units in the last place of a float: the polynomial's rounding steps, each at most half a unit, and one division.
    private const double Relative = 3 * 6e-8;

    [Theory]
    [InlineData("exp", -87, 88)]
    [InlineData("sigmoid", -80, 80)]
    [InlineData("tanh", -30, 30)]
    [InlineData("tanh", -0.01, 0.01)]
    [InlineData("log", 1e-30, 1e30)]
    public void Functions_are_accurate_to_a_few_units_in_the_last_place(string name, double from, double to)
    {
        const int points = 40_000;
        for (int i = 0; i <= points; i++)
        {
            float x = name == "log" ? (float)(from * Math.Pow(to / from, (double)i / points)) : (float)(from + (to - from) * i / points);
            double want = name switch
            {
                "exp" => Math.Exp(x),
                "sigmoid" => 1 / (1 + Math.Exp(-(double)x)),
                "tanh" => Math.Tanh(x),
                _ => Math.Log(x),
            };
            double got = name switch
            {
                "exp" => Map(ElementwiseFunction.Exp, x),
                "sigmoid" => Map(ElementwiseFunction.Sigmoid, x),
                "tanh" => Map(ElementwiseFunction.Tanh, x),
                _ => Logarithm.Log(x),
            };
            Assert.True(Math.Abs(got - want) <= Relative * Math.Abs(want), $"{name}({x:R}) is {got:R}, not {want:R}");
        }
    }

    [Fact]
    public void Ends_and_special_values_are_as_documented()
    {
        Assert.Equal(0, Map(ElementwiseFunction.Exp, float.NegativeInfinity));
        Assert.Equal(0, Map(ElementwiseFunction.Exp, -88));
        Assert.Equal(1, Map(ElementwiseFunction.Exp, 0));
        Assert.Equal(Map(ElementwiseFunction.Exp, Exponential.HighestArgument), Map(ElementwiseFunction.Exp, float.PositiveInfinity));
        Assert.Equal(1, Map(ElementwiseFunction.Tanh, float.PositiveInfinity));
        Assert.Equal(-1, Map(ElementwiseFunction.Tanh, float.NegativeInfinity));
        Assert.Equal(0.5f, Map(ElementwiseFunction.Sigmoid, 0));
        Assert.Equal(1, Map(ElementwiseFunction.Sigmoid, 100));
        Assert.All(Enum.GetValues<ElementwiseFunction>(), function => Assert.True(float.IsNaN(Map(function, float.NaN))));
        Assert.Equal(float.NegativeInfinity, Logarithm.Log(0));
        Assert.True(float.IsNaN(Logarithm.Log(-1)) && float.IsNaN(Logarithm.Log(float.NaN)));
        Assert.Equal(float.PositiveInfinity, Logarithm.Log(float.PositiveInfinity));
    }

    private static float Map(ElementwiseFunction function, float x)
    {
        float result;
        KernelSet.Best.Map(function, &x, &result, 1);
        return result;
    }
}
