namespace SequenceModels.Benchmarks.Comparison;

/// <summary>How many times as fast as its peer a case has to be.</summary>
/// <param name="AtLeast">Less is a failure.</param>
/// <param name="AimedAt">What is wished for.</param>
internal sealed record Target(double AtLeast, double AimedAt)
{
    private static readonly Dictionary<string, Target> All = new()
    {
        ["train:lm-h64"] = new(3, 4),
        ["train:lm-h128"] = new(1.6, 2),
        ["train:lm-h256x2"] = new(1.4, 1.6),
        ["train:lm-h512x2"] = new(1.15, 1.3),
        ["train:lm-h1024"] = new(1.15, 1.3),
        ["sample:sample-h64"] = new(4, 8),
        ["sample:sample-h128"] = new(3, 4),
        ["sample:sample-h512x2"] = new(1, 1.3),
        ["sample-int8:sample-h512x2"] = new(2, 3),
        ["classify:classify-t20-b1"] = new(1.3, 2),
        ["classify:classify-t200-b1"] = new(1.3, 2),
        ["classify:classify-t20-b32"] = new(1.05, 1.3),
        ["classify:classify-t200-b32"] = new(1.05, 1.2),
    };

    /// <summary>The target of <c>KIND:CASE</c>, if there is one.</summary>
    public static Target? OfOrNull(string selection) => All.GetValueOrDefault(selection);
}
