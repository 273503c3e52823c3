using FsCheck.Xunit;
using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Losses;

/// <summary>The float losses of independent outputs: the textbook's numbers for any shape, mean, weights and missing targets, and the same bits at every width.</summary>
public sealed class ElementLossTests
{
    [Property(MaxTest = 200)]
    public void Losses_and_gradients_are_the_textbooks(int seed)
    {
        var random = new Random(seed);
        int time = random.Next(1, 5), batch = random.Next(1, 6), columns = random.Next(1, 40), rows = time * batch;
        int[] lengths = [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, time + 1))];
        var shape = new SequenceShape(time, batch, random.Next(2) == 0 ? null : lengths);
        float[] predictions = Floats(random, rows * columns, 8), weights = Fractions(random, columns), positive = Fractions(random, columns), wanted = Fractions(random, rows * columns);
        for (int i = 0; i < wanted.Length; i++)
            wanted[i] = random.Next(5) == 0 ? float.NaN : wanted[i];
        var reduction = (LossReduction)random.Next(3);
        float beta = random.Next(3);
        float[] scales = new float[rows];
        RowScales.Fill(reduction, shape, wanted, scales);

        Assert.All(new[] { "binary", "weighted", "square", "smooth" }, loss =>
        {
            var (wantLoss, wantGradient) = Textbook(loss, shape, reduction, columns, predictions, wanted, weights, positive, beta);
            float[] losses = new float[rows], gradient = new float[rows * columns];
            Run(loss, KernelSet.Best, predictions, wanted, scales, losses, gradient, weights, positive, beta);
            Tolerance.Float32.AssertClose(wantLoss, losses.Sum(value => (double)value), $"{loss}: loss");
            Tolerance.Float32.AssertClose(new GoldenTensor(wantGradient.ToColumnMajorArray(), [rows, columns]), gradient, $"{loss}: gradient");
        });
    }

    [Fact]
    public void Binary_cross_entropy_has_the_same_bits_at_every_width_and_with_the_gradient_in_place_of_the_logits()
    {
        var random = new Random(1);
        const int rows = 70, columns = 31; // more than a block, and no multiple of sixteen
        float[] logits = Floats(random, rows * columns, 30), targets = [.. Floats(random, rows * columns, 1).Select(value => value > 0 ? 1f : 0f)], scales = [.. Enumerable.Repeat(0.01f, rows)];
        var results = Enum.GetValues<SimdWidth>().Select(width =>
        {
            float[] losses = new float[rows], values = [.. logits];
            BinaryCrossEntropy.Run(KernelSet.For(width), values, targets, scales, losses, values);
            return (losses, values);
        }).ToArray();

        float[] separate = new float[rows * columns], withoutGradient = new float[rows];
        BinaryCrossEntropy.Run(KernelSet.Best, logits, targets, scales, results[0].losses, separate);
        BinaryCrossEntropy.Run(KernelSet.Best, logits, targets, scales, withoutGradient, []);

        Assert.All(results, result => Assert.Equal(results[0].losses, result.losses));
        Assert.All(results, result => Assert.Equal(separate, result.values));
        Assert.Equal(results[0].losses, withoutGradient);
    }

    [Theory]
    [InlineData(1000f, 1f, 0f, 0f)]
    [InlineData(1000f, 0f, 1000f, 1f)]
    [InlineData(-1000f, 1f, 1000f, -1f)]
    [InlineData(-1000f, 0f, 0f, 0f)]
    public void Large_logits_neither_overflow_nor_lose_the_gradient(float logit, float target, float loss, float slope)
    {
        float[] losses = new float[1], gradient = new float[1];

        BinaryCrossEntropy.Run(KernelSet.Best, [logit], [target], [1], losses, gradient);

        Assert.Equal(loss, losses[0]);
        Assert.Equal(slope, gradient[0]);
    }

    [Property(MaxTest = 100)]
    public void A_mean_of_ones_is_one(int seed)
    {
        var random = new Random(seed);
        int time = random.Next(1, 6), batch = random.Next(1, 6), columns = random.Next(1, 4);
        var shape = new SequenceShape(time, batch, [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, time + 1))]);
        float[] targets = [.. Enumerable.Range(0, shape.Rows * columns).Select(_ => random.Next(3) == 0 ? float.NaN : 0)];
        bool Counts(int element) => shape.Has(element / columns / batch, element / columns % batch) && !float.IsNaN(targets[element]);
        bool any = Enumerable.Range(0, targets.Length).Any(Counts);
        var scales = new float[shape.Rows];

        Assert.All(new[] { LossReduction.MeanOfElements, LossReduction.MeanOfSequences }, reduction =>
        {
            RowScales.Fill(reduction, shape, targets, scales);
            Assert.Equal(any ? 1 : 0, Enumerable.Range(0, targets.Length).Where(Counts).Sum(element => (double)scales[element / columns]), 1e-5);
        });
    }

    [Fact]
    public void By_sequences_short_ones_count_as_much_as_long_ones_and_empty_ones_not_at_all()
    {
        var shape = new SequenceShape(4, 3, [4, 1, 2]);
        float[] targets = new float[12], scales = new float[12];
        targets[2] = targets[5] = float.NaN; // both steps of the third sequence

        RowScales.Fill(LossReduction.MeanOfSequences, shape, targets, scales);

        Assert.Equal([1 / 8f, 1 / 2f, 0, 1 / 8f, 0, 0, 1 / 8f, 0, 0, 1 / 8f, 0, 0], scales);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        float[] six = new float[6], two = new float[2];
        Assert.Throws<ArgumentException>(() => ElementLosses.SquaredError(six, six, two, new float[3], six));
        Assert.Throws<ArgumentException>(() => ElementLosses.SquaredError(six, two, two, two, six));
        Assert.Throws<ArgumentException>(() => ElementLosses.SquaredError(six, six, two, two, two));
        Assert.Throws<ArgumentException>(() => BinaryCrossEntropy.Run(KernelSet.Best, six, six, two, two, [], classWeights: two));
        Assert.Throws<ArgumentException>(() => BinaryCrossEntropy.Run(KernelSet.Best, six, six, two, two, [], positiveWeights: two));
        Assert.Throws<ArgumentException>(() => RowScales.Fill(LossReduction.Sum, new SequenceShape(2, 2), six, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementLosses.SmoothL1(six, six, two, two, [], beta: -1));
    }

    private static void Run(
        string loss, KernelSet kernels, float[] predictions, float[] targets, float[] scales, float[] losses, float[] gradient, float[] weights, float[] positive, float beta)
    {
        switch (loss)
        {
            case "binary":
                BinaryCrossEntropy.Run(kernels, predictions, targets, scales, losses, gradient);
                break;
            case "weighted":
                BinaryCrossEntropy.Run(kernels, predictions, targets, scales, losses, gradient, weights, positive);
                break;
            case "square":
                ElementLosses.SquaredError(predictions, targets, scales, losses, gradient);
                break;
            default:
                ElementLosses.SmoothL1(predictions, targets, scales, losses, gradient, beta);
                break;
        }
    }

    private static (double Loss, Matrix<double> Gradient) Textbook(
        string loss, SequenceShape shape, LossReduction reduction, int columns, float[] predictions, float[] targets, float[] weights, float[] positive, float beta)
    {
        Matrix<double> Columns(float[] values) => Matrix<double>.Build.DenseOfColumnMajor(columns, shape.Rows, Array.ConvertAll(values, value => (double)value));
        var u = Columns(predictions);
        var y = Columns(targets).MapIndexed((_, row, value) => shape.Has(row / shape.Batch, row % shape.Batch) ? value : double.NaN, Zeros.Include);
        var scale = reduction switch
        {
            LossReduction.Sum => TextbookLossScale.Sum(y),
            LossReduction.MeanOfElements => TextbookLossScale.MeanOfElements(y),
            _ => TextbookLossScale.MeanOfSequences(y, [.. Enumerable.Range(0, shape.Rows).Select(row => row % shape.Batch)]),
        };
        return loss switch
        {
            "binary" => new TextbookBinaryCrossEntropy().LossAndGradient(u, y, scale),
            "weighted" => new TextbookBinaryCrossEntropy { ClassWeights = Array.ConvertAll(weights, w => (double)w), PositiveWeights = Array.ConvertAll(positive, w => (double)w) }.LossAndGradient(u, y, scale),
            "square" => TextbookRegressionLosses.SquaredError(u, y, scale),
            _ => TextbookRegressionLosses.SmoothL1(u, y, scale, beta),
        };
    }

    private static float[] Floats(Random random, int length, float range) => [.. Enumerable.Range(0, length).Select(_ => range * (2 * random.NextSingle() - 1))];

    private static float[] Fractions(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
}
