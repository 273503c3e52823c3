using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Textbook;

/// <summary>The gradients of the textbook's other losses and penalties against central differences, with missing targets, weights and each mean.</summary>
public sealed class TextbookLossGradientTests
{
    private const int Outputs = 3;
    private static readonly int[] s_sequences = [0, 1, 2, 0, 1, 0];

    public static TheoryData<string, string> Means
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string loss in new[] { "binary", "weighted", "square", "smooth", "absolute" })
            {
                foreach (string mean in new[] { "sum", "elements", "sequences" })
                    data.Add(loss, mean);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Means))]
    public void Losses_of_elements(string loss, string mean)
    {
        var random = new Random(5);
        var predictions = Matrix<double>.Build.Dense(Outputs, s_sequences.Length, (_, _) => 3 * (random.NextDouble() - 0.5));
        var targets = Matrix<double>.Build.Dense(Outputs, s_sequences.Length, (k, n) => (k + n) % 4 == 0 ? double.NaN : random.NextDouble());
        var scale = mean switch
        {
            "sum" => TextbookLossScale.Sum(targets),
            "elements" => TextbookLossScale.MeanOfElements(targets),
            _ => TextbookLossScale.MeanOfSequences(targets, s_sequences),
        };
        var weighted = new TextbookBinaryCrossEntropy { ClassWeights = [0.5, 1, 2], PositiveWeights = [3, 1, 0.25] };
        (double Loss, Matrix<double> Gradient) Run() => loss switch
        {
            "binary" => new TextbookBinaryCrossEntropy().LossAndGradient(predictions, targets, scale),
            "weighted" => weighted.LossAndGradient(predictions, targets, scale),
            "square" => TextbookRegressionLosses.SquaredError(predictions, targets, scale),
            "smooth" => TextbookRegressionLosses.SmoothL1(predictions, targets, scale, beta: 0.7),
            _ => TextbookRegressionLosses.SmoothL1(predictions, targets, scale, beta: 0),
        };

        CentralDifferences.AssertGradient(() => Run().Loss, predictions, Run().Gradient, "predictions");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Penalties_of_activations(bool temporal)
    {
        var random = new Random(6);
        int[] lengths = [4, 1, 3];
        Matrix<double>[] outputs = [.. Enumerable.Range(0, 4).Select(_ => Matrix<double>.Build.Dense(5, 3, (_, _) => random.NextDouble() - 0.5))];
        (double Penalty, IReadOnlyList<Matrix<double>> Gradients) Run() => temporal
            ? TextbookActivationRegularization.TemporalActivity(outputs, lengths, strength: 1.5)
            : TextbookActivationRegularization.Activity(outputs, lengths, strength: 1.5);

        var result = Run();

        Assert.True(result.Penalty > 0);
        for (int t = 0; t < outputs.Length; t++)
            CentralDifferences.AssertGradient(() => Run().Penalty, outputs[t], result.Gradients[t], $"step {t}");
    }

    [Fact]
    public void Binary_cross_entropy_without_weights_is_the_formula_of_probabilities()
    {
        var logits = Matrix<double>.Build.DenseOfArray(new[,] { { -2.0, 0.5, 3.0 } });
        var targets = Matrix<double>.Build.DenseOfArray(new[,] { { 0.0, 1.0, 0.25 } });
        var p = logits.Map(u => 1 / (1 + Math.Exp(-u)));
        double want = p.MapIndexed((k, n, q) => -targets[k, n] * Math.Log(q) - (1 - targets[k, n]) * Math.Log(1 - q), Zeros.Include).Enumerate().Average();

        var (loss, gradient) = new TextbookBinaryCrossEntropy().LossAndGradient(logits, targets, TextbookLossScale.MeanOfElements(targets));

        Assert.Equal(want, loss, 1e-14);
        Assert.True((gradient - (p - targets) / 3).FrobeniusNorm() < 1e-15);
    }
}
