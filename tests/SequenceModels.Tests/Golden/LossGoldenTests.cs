using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>
/// The float cross-entropy with every setting, in single precision. It includes an output layer; one with the identity as its weights gives
/// the golden logits themselves.
/// </summary>
public sealed unsafe class LossGoldenTests
{
    public static TheoryData<string> CrossEntropies => GoldenFixtures.Keys("losses", CrossEntropyCase.Is);

    [Theory, MemberData(nameof(CrossEntropies))]
    public void Loss_and_gradient_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var logits = golden.Tensor("inputs", "logits");
        int rows = logits.Shape[0], classes = logits.Shape[1];
        int? ignored = golden.Has("config", "ignore_index") ? golden.Setting("ignore_index", 0) : null;
        int[] labels = [.. golden.Integers("inputs", "labels").Select(label => label == ignored ? -1 : label)];
        float[]? classWeights = golden.Has("config", "weight") ? golden.Tensor("config", "weight").Floats : null;
        float divisor = CrossEntropyCase.IsSum(golden) ? 1 : labels.Where(label => label >= 0).Sum(label => classWeights?[label] ?? 1);

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
}
