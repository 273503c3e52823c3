using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>The textbook's losses with every setting, in double precision.</summary>
public sealed class TextbookLossGoldenTests
{
    public static TheoryData<string> CrossEntropies => GoldenFixtures.Keys("losses", LossCase.IsCrossEntropy);

    public static TheoryData<string> Binary => GoldenFixtures.Keys("losses", LossCase.IsBinary);

    public static TheoryData<string> SquaredErrors => GoldenFixtures.Keys("losses", LossCase.IsSquaredError);

    public static TheoryData<string> Smooth => GoldenFixtures.Keys("losses", LossCase.IsSmooth);

    [Theory, MemberData(nameof(CrossEntropies))]
    public void Cross_entropy_and_its_gradient_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var loss = new TextbookSoftmaxCrossEntropy
        {
            ClassWeights = golden.Has("config", "weight") ? golden.Tensor("config", "weight").Values : null,
            IgnoredLabel = golden.Has("config", "ignore_index") ? golden.Setting("ignore_index", 0) : null,
            LabelSmoothing = golden.Setting("label_smoothing", 0.0),
            Sum = LossCase.IsSum(golden),
        };

        var (value, gradient) = loss.LossAndGradient(golden.Tensor("inputs", "logits").AsColumns(), golden.Integers("inputs", "labels"));

        golden.Float64.AssertClose(golden.Loss, value, $"{golden}: loss");
        golden.Float64.AssertClose(golden.Tensor("grads", "logits").AsColumns(), gradient, $"{golden}: d logits");
    }

    [Theory, MemberData(nameof(Binary))]
    public void Binary_cross_entropy_and_its_gradient_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var targets = golden.Tensor("inputs", "labels").AsColumns();
        var loss = new TextbookBinaryCrossEntropy
        {
            ClassWeights = golden.Has("config", "weight") ? golden.Tensor("config", "weight").Values : null,
            PositiveWeights = golden.Has("config", "pos_weight") ? golden.Tensor("config", "pos_weight").Values : null,
        };

        var (value, gradient) = loss.LossAndGradient(golden.Tensor("inputs", "logits").AsColumns(), targets, Scale(golden, targets));

        golden.Float64.AssertClose(golden.Loss, value, $"{golden}: loss");
        golden.Float64.AssertClose(golden.Tensor("grads", "logits").AsColumns(), gradient, $"{golden}: d logits");
    }

    [Theory, MemberData(nameof(SquaredErrors)), MemberData(nameof(Smooth))]
    public void Losses_of_predicted_numbers_and_their_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        Matrix<double> predictions = golden.Tensor("inputs", "pred").AsColumns(), targets = golden.Tensor("inputs", "target").AsColumns();

        var (value, gradient) = LossCase.IsSmooth(golden)
            ? TextbookRegressionLosses.SmoothL1(predictions, targets, Scale(golden, targets), golden.Setting("beta", double.NaN))
            : TextbookRegressionLosses.SquaredError(predictions, targets, Scale(golden, targets));

        golden.Float64.AssertClose(golden.Loss, value, $"{golden}: loss");
        golden.Float64.AssertClose(golden.Tensor("grads", "pred").AsColumns(), gradient, $"{golden}: d predictions");
        if (golden.Has("grads", "target"))
            golden.Float64.AssertClose(golden.Tensor("grads", "target").AsColumns(), -gradient, $"{golden}: d targets");
    }

    private static Matrix<double> Scale(GoldenCase golden, Matrix<double> targets) => LossCase.IsSum(golden) ? TextbookLossScale.Sum(targets) : TextbookLossScale.MeanOfElements(targets);
}
