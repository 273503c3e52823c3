using SequenceModels.Tensors;

namespace SequenceModels.Tests.Shapes;

/// <summary>The gradients of networks of every shape against differences of their losses; masks are fixed at a fixed step, so the loss is a function of the parameters.</summary>
public sealed class ShapeGradientTests
{
    /// <summary>Half the distance of the outer points: losses in single precision are right to about 1e-7, which is divided by it, and the formula of five points to its fourth power.</summary>
    private const double Width = 0.006;

    /// <summary>Of a tensor's directional derivative, relative to the gradient's norm, or to 0.03 where that is more: below it the rounding of the losses weighs.</summary>
    private const double Tolerance = 3e-3;

    public static TheoryData<string> Cases => ShapeCases.Names;

    [Theory, MemberData(nameof(Cases))]
    public void Along_the_gradient_and_along_random_directions(string name)
    {
        using var step = new ShapeStep(ShapeCases.All[name]);
        step.Run();
        float[][] gradients = [.. step.Parameters.Parameters.Select(parameter => parameter.Gradients.ToArray())];
        Assert.All(gradients, gradient => Assert.All(gradient, value => Assert.True(float.IsFinite(value))));
        var random = new Random(1);
        foreach (var (parameter, gradient) in step.Parameters.Parameters.Zip(gradients))
        {
            double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            if (parameter.Name.StartsWith("encoder.norms.1.", StringComparison.Ordinal))
            {
                Assert.Equal(0, norm); // nobody reads the outputs of an encoder's last layer, only its states
                continue;
            }

            Assert.True(norm > 0, $"{name}: {parameter.Name} learns nothing.");
            Compare(step, parameter, gradient, [.. gradient.Select(g => (float)(g / norm))], norm, $"{name}: {parameter.Name} along its gradient");
            float[] direction = [.. gradient.Select(_ => 2 * random.NextSingle() - 1)];
            double length = Math.Sqrt(direction.Sum(d => (double)d * d));
            Compare(step, parameter, gradient, [.. direction.Select(d => (float)(d / length))], norm, $"{name}: {parameter.Name} along a random direction");
        }
    }

    private static void Compare(ShapeStep step, Parameter parameter, float[] gradient, float[] direction, double norm, string what)
    {
        double got = gradient.Zip(direction, (g, d) => (double)g * d).Sum();
        float[] values = parameter.Values.ToArray();
        double At(double distance)
        {
            for (int i = 0; i < values.Length; i++)
                parameter.Values[i] = (float)(values[i] + distance * direction[i]);
            return step.Run();
        }

        double want = (8 * (At(Width) - At(-Width)) - (At(2 * Width) - At(-2 * Width))) / (12 * Width);
        values.CopyTo(parameter.Values);
        Assert.True(Math.Abs(got - want) <= Tolerance * Math.Max(norm, 0.03), $"{what}: {got} instead of {want}.");
    }
}
