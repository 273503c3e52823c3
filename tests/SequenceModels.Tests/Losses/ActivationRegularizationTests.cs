using FsCheck.Xunit;
using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Losses;

/// <summary>The float activation penalties: the textbook's numbers, added to the gradients that are there.</summary>
public sealed class ActivationRegularizationTests
{
    [Property(MaxTest = 100)]
    public void Penalties_and_gradients_are_the_textbooks(int seed)
    {
        var random = new Random(seed);
        int time = random.Next(1, 6), batch = random.Next(1, 5), size = random.Next(1, 20);
        int[] lengths = [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, time + 1))];
        var shape = new SequenceShape(time, batch, lengths);
        float[] outputs = [.. Enumerable.Range(0, shape.Rows * size).Select(_ => 2 * random.NextSingle() - 1)], before = [.. outputs.Select(_ => random.NextSingle())];
        Matrix<double>[] steps = [.. outputs.Chunk(batch * size).Select(step => Matrix<double>.Build.DenseOfColumnMajor(size, batch, Array.ConvertAll(step, value => (double)value)))];

        foreach (bool temporal in new[] { false, true })
        {
            var (want, wantGradient) = temporal ? TextbookActivationRegularization.TemporalActivity(steps, lengths, 2) : TextbookActivationRegularization.Activity(steps, lengths, 2);
            float[] gradient = [.. before];
            double got = temporal ? ActivationRegularization.TemporalActivity(shape, outputs, 2, gradient) : ActivationRegularization.Activity(shape, outputs, 2, gradient);
            double without = temporal ? ActivationRegularization.TemporalActivity(shape, outputs, 2, []) : ActivationRegularization.Activity(shape, outputs, 2, []);

            Tolerance.Float32.AssertClose(want, got, "penalty");
            Assert.Equal(got, without);
            double[] sums = [.. wantGradient.SelectMany(step => step.ToColumnMajorArray()).Zip(before, (added, there) => added + there)];
            Tolerance.Float32.AssertClose(new GoldenTensor(sums, [time, batch, size]), gradient, "gradient");
        }
    }

    [Fact]
    public void Outputs_that_do_not_fit_the_shape_are_refused()
    {
        var shape = new SequenceShape(2, 2);
        Assert.Throws<ArgumentException>(() => ActivationRegularization.Activity(shape, new float[7], 1, []));
        Assert.Throws<ArgumentException>(() => ActivationRegularization.TemporalActivity(shape, new float[8], 1, new float[7]));
    }
}
