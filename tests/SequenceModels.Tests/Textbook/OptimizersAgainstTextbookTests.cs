using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Kernels;
using SequenceModels.Optimizers;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>The float update rules: the textbook's numbers, and the same bits at every vector width.</summary>
public sealed class OptimizersAgainstTextbookTests
{
    private const double LearningRate = 0.01;
    private const int Steps = 5;
    private const int Length = 37;

    [Theory]
    [InlineData(0.0, false, false)]
    [InlineData(0.02, false, false)]
    [InlineData(0.1, true, false)]
    [InlineData(0.02, false, true)]
    [InlineData(0.0, false, true)]
    public void Adam(double decay, bool decoupled, bool amsGrad) => AssertTextbook(
        new OptimizerSettings { Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-6, WeightDecay = decay, DecoupledWeightDecay = decoupled, AmsGrad = amsGrad },
        new TextbookAdam { LearningRate = LearningRate, Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-6, WeightDecay = decay, Decoupled = decoupled, AmsGrad = amsGrad });

    [Theory]
    [InlineData(0.0, false, 0.0, false)]
    [InlineData(0.9, false, 0.0, false)]
    [InlineData(0.9, true, 0.0, false)]
    [InlineData(0.9, true, 0.02, false)]
    [InlineData(0.9, false, 0.1, true)]
    [InlineData(0.0, false, 0.1, true)]
    public void Gradient_descent(double momentum, bool nesterov, double decay, bool decoupled) => AssertTextbook(
        new OptimizerSettings { Rule = UpdateRule.Sgd, Momentum = momentum, Nesterov = nesterov, WeightDecay = decay, DecoupledWeightDecay = decoupled },
        new TextbookSgd { LearningRate = LearningRate, Momentum = momentum, Nesterov = nesterov, WeightDecay = decay, Decoupled = decoupled });

    [Theory]
    [InlineData(0.0, false, 0.0, false)]
    [InlineData(0.8, false, 0.02, false)]
    [InlineData(0.0, true, 0.1, true)]
    [InlineData(0.8, true, 0.0, false)]
    public void Rms_prop(double momentum, bool centered, double decay, bool decoupled) => AssertTextbook(
        new OptimizerSettings { Rule = UpdateRule.RmsProp, SquareDecay = 0.95, Epsilon = 1e-6, Momentum = momentum, Centered = centered, WeightDecay = decay, DecoupledWeightDecay = decoupled },
        new TextbookRmsProp { LearningRate = LearningRate, SquareDecay = 0.95, Epsilon = 1e-6, Momentum = momentum, Centered = centered, WeightDecay = decay, Decoupled = decoupled });

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.02, false)]
    [InlineData(0.1, true)]
    public void Adagrad(double decay, bool decoupled) => AssertTextbook(
        new OptimizerSettings { Rule = UpdateRule.Adagrad, WeightDecay = decay, DecoupledWeightDecay = decoupled },
        new TextbookAdagrad { LearningRate = LearningRate, WeightDecay = decay, Decoupled = decoupled });

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.02, false)]
    [InlineData(0.1, true)]
    public void Averaged_gradient_descent_and_its_averages(double decay, bool decoupled)
    {
        const int start = 2; // updates before averaging
        var textbook = new TextbookAveragedSgd { LearningRate = LearningRate, WeightDecay = decay, Decoupled = decoupled };
        var want = Table(0);
        for (int step = 1; step <= Steps; step++)
        {
            if (step == start + 1)
                textbook.StartAveraging();
            textbook.Step(want, Table(step));
        }

        var settings = new OptimizerSettings { Rule = UpdateRule.AveragedSgd, WeightDecay = decay, DecoupledWeightDecay = decoupled, AveragingPatience = 0 };
        (float[] Values, float[] Averages)[] got = [.. Enum.GetValues<SimdWidth>().Select(width =>
        {
            using var parameters = Parameters();
            using var optimizer = Optimizer.Create(parameters, settings);
            for (int step = 1; step <= Steps; step++)
            {
                if (step == start + 1)
                    optimizer.StartAveraging();
                Step(parameters, optimizer, KernelSet.For(width), step);
            }

            float[] values = parameters["w"].Values.ToArray();
            optimizer.ExchangeForEvaluation();
            float[] averages = parameters["w"].Values.ToArray();
            optimizer.ExchangeForEvaluation();
            Assert.Equal(values, parameters["w"].Values.ToArray());
            return (values, averages);
        })];

        Assert.All(got, run => Assert.Equal(got[0].Values, run.Values));
        Assert.All(got, run => Assert.Equal(got[0].Averages, run.Averages));
        Tolerance.Float32.AssertClose(Golden(want["w"]), got[0].Values, "w");
        Tolerance.Float32.AssertClose(Golden(textbook.StateOrNull("w", "average")!), got[0].Averages, "averages");
    }

    private static void AssertTextbook(OptimizerSettings settings, TextbookOptimizer textbook)
    {
        var want = Table(0);
        for (int step = 1; step <= Steps; step++)
            textbook.Step(want, Table(step));

        float[][] got = [.. Enum.GetValues<SimdWidth>().Select(width => Run(KernelSet.For(width), settings))];

        Assert.All(got, values => Assert.Equal(got[0], values));
        Tolerance.Float32.AssertClose(Golden(want["w"]), got[0], "w");
    }

    private static float[] Run(KernelSet kernels, OptimizerSettings settings)
    {
        using var parameters = Parameters();
        using var optimizer = Optimizer.Create(parameters, settings);
        for (int step = 1; step <= Steps; step++)
            Step(parameters, optimizer, kernels, step);
        return parameters["w"].Values.ToArray();
    }

    // The gradients are twice too large, and scaled down in the update.
    private static void Step(ParameterSet parameters, Optimizer optimizer, KernelSet kernels, int step)
    {
        Array.ConvertAll(Numbers(step), value => (float)(2 * value)).CopyTo(parameters["w"].Gradients);
        optimizer.Step(kernels, LearningRate, gradientScale: 0.5f);
        Assert.All(parameters.Gradients.Slice(0, (int)parameters.Gradients.Length).ToArray(), gradient => Assert.Equal(0, gradient));
        Assert.All(parameters.Values.Slice(Length, (int)parameters.Values.Length - Length).ToArray(), padding => Assert.Equal(0, padding));
    }

    private static ParameterSet Parameters()
    {
        var parameters = new ParameterSet([("w", [Length])]);
        Array.ConvertAll(Numbers(0), value => (float)value).CopyTo(parameters["w"].Values);
        return parameters;
    }

    private static Dictionary<string, Matrix<double>> Table(int key) => new() { ["w"] = Matrix<double>.Build.DenseOfColumnMajor(Length, 1, Numbers(key)) };

    private static GoldenTensor Golden(Matrix<double> column) => new(column.ToColumnMajorArray(), [Length]);

    // Exact in single precision, so that both start from the same numbers.
    private static double[] Numbers(int key)
    {
        var random = new Random(key);
        return [.. Enumerable.Range(0, Length).Select(_ => random.Next(-1024, 1025) / 1024.0)];
    }
}
