using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Kernels;
using SequenceModels.Optimizers;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>The float Adam and its variants: the textbook's numbers, and the same bits at every vector width.</summary>
public sealed class AdamAgainstTextbookTests
{
    [Theory]
    [InlineData(0.0, false, false)]
    [InlineData(0.02, false, false)]
    [InlineData(0.1, true, false)]
    [InlineData(0.02, false, true)]
    [InlineData(0.0, false, true)]
    public void Five_updates_are_the_textbooks_at_every_width(double decay, bool decoupled, bool amsGrad)
    {
        const double learningRate = 0.01;
        var settings = new AdamSettings { Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-6, WeightDecay = decay, Decoupled = decoupled, AmsGrad = amsGrad };
        var adam = new TextbookAdam { LearningRate = learningRate, Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-6, WeightDecay = decay, Decoupled = decoupled, AmsGrad = amsGrad };
        var want = new Dictionary<string, Matrix<double>> { ["w"] = Matrix<double>.Build.DenseOfColumnMajor(37, 1, Numbers(0)) };
        for (int step = 1; step <= 5; step++)
            adam.Step(want, new Dictionary<string, Matrix<double>> { ["w"] = Matrix<double>.Build.DenseOfColumnMajor(37, 1, Numbers(step)) });

        float[][] got = [.. Enum.GetValues<SimdWidth>().Select(width => Run(KernelSet.For(width), settings, learningRate))];

        Assert.All(got, values => Assert.Equal(got[0], values));
        Tolerance.Float32.AssertClose(new GoldenTensor(want["w"].ToColumnMajorArray(), [37]), got[0], "w");
    }

    private static float[] Run(KernelSet kernels, AdamSettings settings, double learningRate)
    {
        using var parameters = new ParameterSet([("w", [37])]);
        using var adam = new Adam(parameters, settings);
        Array.ConvertAll(Numbers(0), value => (float)value).CopyTo(parameters["w"].Values);
        for (int step = 1; step <= 5; step++)
        {
            Array.ConvertAll(Numbers(step), value => (float)value).CopyTo(parameters["w"].Gradients);
            adam.Step(kernels, learningRate, gradientScale: 1);
            Assert.All(parameters["w"].Gradients.ToArray(), gradient => Assert.Equal(0, gradient));
        }

        return parameters["w"].Values.ToArray();
    }

    // Exact in single precision, so that both start from the same numbers.
    private static double[] Numbers(int key)
    {
        var random = new Random(key);
        return [.. Enumerable.Range(0, 37).Select(_ => random.Next(-1024, 1025) / 1024.0)];
    }
}
