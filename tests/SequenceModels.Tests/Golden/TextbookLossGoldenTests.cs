using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>The textbook's cross-entropy with every setting, in double precision.</summary>
public sealed class TextbookLossGoldenTests
{
    public static TheoryData<string> CrossEntropies => GoldenFixtures.Keys("losses", CrossEntropyCase.Is);

    [Theory, MemberData(nameof(CrossEntropies))]
    public void Loss_and_gradient_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var loss = new TextbookSoftmaxCrossEntropy
        {
            ClassWeights = golden.Has("config", "weight") ? golden.Tensor("config", "weight").Values : null,
            IgnoredLabel = golden.Has("config", "ignore_index") ? golden.Setting("ignore_index", 0) : null,
            LabelSmoothing = golden.Setting("label_smoothing", 0.0),
            Sum = CrossEntropyCase.IsSum(golden),
        };

        var (value, gradient) = loss.LossAndGradient(golden.Tensor("inputs", "logits").AsColumns(), golden.Integers("inputs", "labels"));

        golden.Float64.AssertClose(golden.Loss, value, $"{golden}: loss");
        golden.Float64.AssertClose(golden.Tensor("grads", "logits").AsColumns(), gradient, $"{golden}: d logits");
    }
}
