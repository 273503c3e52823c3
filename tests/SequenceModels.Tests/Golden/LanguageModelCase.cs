using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Optimizers;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>What the golden cases of one training step of a language model hold, some of it lent by another case of the file.</summary>
internal static class LanguageModelCase
{
    /// <summary>The update rule, by the beginning of its name.</summary>
    public static UpdateRule Rule(GoldenCase golden)
    {
        string name = golden.Setting("optimizer")!;
        return name.StartsWith("sgd", StringComparison.Ordinal) ? UpdateRule.Sgd
            : name.StartsWith("rmsprop", StringComparison.Ordinal) ? UpdateRule.RmsProp
            : name.StartsWith("adagrad", StringComparison.Ordinal) ? UpdateRule.Adagrad
            : name.StartsWith("adam", StringComparison.Ordinal) ? UpdateRule.Adam
            : throw new InvalidDataException($"There is no update rule '{name}'.");
    }

    /// <summary>A constant of the rule, or <paramref name="absent"/> if the case does not have it.</summary>
    public static double Hyper(GoldenCase golden, string name, double absent) => golden.Has("config", "hyper", name) ? golden.At("config", "hyper", name).GetDouble() : absent;

    /// <summary>A switch of the rule; off if the case does not have it.</summary>
    public static bool Hyper(GoldenCase golden, string name) => golden.Has("config", "hyper", name) && golden.At("config", "hyper", name).GetBoolean();

    /// <summary>Whether weights decay by themselves (AdamW).</summary>
    public static bool IsDecoupled(GoldenCase golden) => golden.Setting("optimizer")!.StartsWith("adamw", StringComparison.Ordinal);

    /// <summary>Fresh parameters by name, biases as single columns.</summary>
    public static Dictionary<string, Matrix<double>> Parameters(GoldenCase golden) => golden.Lender.Tensors("params").AsTable();

    /// <summary>Number of LSTM layers among the names.</summary>
    public static int Layers(IEnumerable<string> names) => names.Count(name => name.StartsWith("rnn.weight_ih_l", StringComparison.Ordinal));

    /// <summary>[T][B].</summary>
    public static int[][] Tokens(GoldenCase golden, string name)
    {
        var owner = golden.Has("inputs", name) ? golden : golden.Lender;
        int batch = owner.Tensor("inputs", name).Shape[1];
        return [.. owner.Integers("inputs", name).Chunk(batch)];
    }

    /// <summary>Parameters after the case's steps.</summary>
    public static IReadOnlyList<KeyValuePair<string, GoldenTensor>> FinalParameters(GoldenCase golden) => golden.Tensors("outputs", AfterSteps(golden, "params_after_"));

    /// <summary>Loss after the case's steps.</summary>
    public static double FinalLoss(GoldenCase golden) => golden.At("outputs", AfterSteps(golden, "loss_after_")).GetDouble();

    // The number of steps is part of the name.
    private static string AfterSteps(GoldenCase golden, string start) =>
        golden.At("outputs").EnumerateObject().Single(p => p.Name.StartsWith(start, StringComparison.Ordinal)).Name;
}
