using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Tells the cases of the losses from one another: cross-entropies have logits, softmax's one label a row; the others have predictions, and smooth ones a beta.</summary>
internal static class LossCase
{
    public static bool IsCrossEntropy(GoldenCase golden) => golden.Has("inputs", "logits") && golden.Tensor("inputs", "labels").Shape.Length == 1;

    public static bool IsBinary(GoldenCase golden) => golden.Has("inputs", "logits") && !IsCrossEntropy(golden);

    public static bool IsSquaredError(GoldenCase golden) => golden.Has("inputs", "pred") && !golden.Has("config", "beta");

    public static bool IsSmooth(GoldenCase golden) => golden.Has("inputs", "pred") && golden.Has("config", "beta");

    public static bool IsSum(GoldenCase golden) => (golden.Setting("reduction") ?? "mean") switch
    {
        "mean" => false,
        "sum" => true,
        var other => throw new InvalidDataException($"There is no reduction '{other}'."),
    };
}
