using SequenceModels.Tasks;

namespace SequenceModels.Tests.Tasks;

/// <summary>The options of a network's layers, each as a change of an architecture.</summary>
internal static class LayerOptions
{
    /// <summary>The option that a classifier alone has.</summary>
    public const string Attention = "attention";

    /// <summary>The option that a language model alone has.</summary>
    public const string Tied = "tiedEmbeddings";

    public static IReadOnlyDictionary<string, Func<ArchitectureSettings, ArchitectureSettings>> All { get; } = new Dictionary<string, Func<ArchitectureSettings, ArchitectureSettings>>
    {
        ["dropout"] = a => a with { Dropout = 0.3, InputDropout = 0.2, OutputDropout = 0.4 },
        ["variational"] = a => a with { DropoutKind = DropoutKind.Variational, Dropout = 0.3, InputDropout = 0.25, OutputDropout = 0.4 },
        ["embeddingDropout"] = a => a with { EmbeddingDropout = 0.3 },
        ["weightDropout"] = a => a with { WeightDropout = 0.3 },
        ["zoneout"] = a => a with { Zoneout = 0.3 },
        ["residual"] = a => a with { Residual = true },
        ["layerNorm"] = a => a with { LayerNorm = true },
        ["learnedInitialState"] = a => a with { LearnedInitialState = true },
        [Tied] = a => a with { TiedEmbeddings = true },
        [Attention] = a => a with { Pooling = PoolingKind.Attention },
    };

    /// <summary>The names of the options that a task has.</summary>
    public static IEnumerable<string> Of(TaskKind task) => All.Keys.Where(name => name != (task == TaskKind.LanguageModel ? Attention : Tied));

    /// <summary>An architecture with some options, by name.</summary>
    public static ArchitectureSettings With(ArchitectureSettings architecture, params IEnumerable<string> names) => names.Aggregate(architecture, (current, name) => All[name](current));
}
