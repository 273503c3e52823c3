using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Tells the cross-entropy cases of the losses from the others: they alone have one label a row of logits.</summary>
internal static class CrossEntropyCase
{
    public static bool Is(GoldenCase golden) => golden.Has("inputs", "logits") && golden.Tensor("inputs", "labels").Shape.Length == 1;

    public static bool IsSum(GoldenCase golden) => (golden.Setting("reduction") ?? "mean") switch
    {
        "mean" => false,
        "sum" => true,
        var other => throw new InvalidDataException($"There is no reduction '{other}'."),
    };
}
