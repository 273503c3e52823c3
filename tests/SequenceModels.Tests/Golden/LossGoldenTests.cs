using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>
/// The float losses with every setting, in single precision. The cross-entropy includes an output layer; one with the identity as its weights gives
/// the golden logits themselves.
/// </summary>
public sealed unsafe class LossGoldenTests
{
    public static TheoryData<string> CrossEntropies => GoldenFixtures.Keys("losses", LossCase.IsCrossEntropy);

    public static TheoryData<string> Binary => GoldenFixtures.Keys("losses", LossCase.IsBinary);

    public static TheoryData<string> SquaredErrors => GoldenFixtures.Keys("losses", LossCase.IsSquaredError);

    public static TheoryData<string> Smooth => GoldenFixtures.Keys("losses", LossCase.IsSmooth);

    [Theory, MemberData(nameof(CrossEntropies))]
    public void Cross_entropy_and_its_gradient_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var logits = golden.Tensor("inputs", "logits");
        int rows = logits.Shape[0], classes = logits.Shape[1];
        int? ignored = golden.Has("config", "ignore_index") ? golden.Setting("ignore_index", 0) : null;
        int[] labels = [.. golden.Integers("inputs", "labels").Select(label => label == ignored ? -1 : label)];
        float[]? classWeights = golden.Has("config", "weight") ? golden.Tensor("config", "weight").Floats : null;
        float divisor = LossCase.IsSum(golden) ? 1 : labels.Where(label => label >= 0).Sum(label => classWeights?[label] ?? 1);

        using var context = ComputeContext.Create(threads: 2);
        using var parameters = new ParameterSet(LinearWeights.Shapes("fc", classes, classes));
        for (int k = 0; k < classes; k++)
            parameters["fc.weight"].Values[k * classes + k] = 1;
        using var weights = new LinearWeights(parameters, "fc");
        weights.Pack(backward: true);
        var loss = new SoftmaxCrossEntropy(weights, context) { LabelSmoothing = (float)golden.Setting("label_smoothing", 0.0) };
        float[] losses = new float[rows], gradient = new float[rows * classes];
        fixed (float* inputsAt = logits.Floats, lossesAt = losses, gradientAt = gradient, weightsAt = classWeights)
        fixed (int* labelsAt = labels)
            loss.Run(inputsAt, rows, labelsAt, lossesAt, gradientAt, 1 / divisor, weightsAt);

        golden.Float32.AssertClose(golden.Loss, losses.Sum(value => (double)value) / divisor, $"{golden}: loss");
        golden.Float32.AssertClose(golden.Tensor("grads", "logits"), gradient, $"{golden}: d logits");
    }

    [Theory, MemberData(nameof(Binary))]
    public void Binary_cross_entropy_and_its_gradient_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        float[]? classWeights = golden.Has("config", "weight") ? golden.Tensor("config", "weight").Floats : null;
        float[]? positiveWeights = golden.Has("config", "pos_weight") ? golden.Tensor("config", "pos_weight").Floats : null;
        AssertElements(golden, "logits", "labels", (logits, targets, scales, losses, gradient) =>
            BinaryCrossEntropy.Run(KernelSet.Best, logits, targets, scales, losses, gradient, classWeights, positiveWeights));
    }

    [Theory, MemberData(nameof(SquaredErrors))]
    public void Squared_errors_and_their_gradient_are_the_golden_ones(string key) =>
        AssertElements(GoldenFixtures.Case(key), "pred", "target", ElementLosses.SquaredError);

    [Theory, MemberData(nameof(Smooth))]
    public void Smooth_errors_and_their_gradient_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        float beta = (float)golden.Setting("beta", double.NaN);
        AssertElements(golden, "pred", "target", (predictions, targets, scales, losses, gradient) => ElementLosses.SmoothL1(predictions, targets, scales, losses, gradient, beta));
    }

    private static void AssertElements(GoldenCase golden, string inputs, string targets, Loss loss)
    {
        float[] values = golden.Tensor("inputs", inputs).Floats, wanted = golden.Tensor("inputs", targets).Floats;
        int rows = golden.Tensor("inputs", inputs).Shape[0];
        float[] scales = new float[rows], losses = new float[rows], gradient = new float[values.Length];
        RowScales.Fill(LossCase.IsSum(golden) ? LossReduction.Sum : LossReduction.MeanOfElements, new SequenceShape(1, rows), wanted, scales);

        loss(values, wanted, scales, losses, gradient);

        golden.Float32.AssertClose(golden.Loss, losses.Sum(value => (double)value), $"{golden}: loss");
        golden.Float32.AssertClose(golden.Tensor("grads", inputs), gradient, $"{golden}: d {inputs}");
    }

    private delegate void Loss(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets, ReadOnlySpan<float> scales, Span<float> losses, Span<float> gradient);
}
