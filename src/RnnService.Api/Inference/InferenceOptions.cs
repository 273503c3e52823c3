using System.ComponentModel.DataAnnotations;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>Settings of section <c>Inference</c>.</summary>
public sealed class InferenceOptions
{
    public const string Section = "Inference";

    /// <summary>Requests that are answered at the same time; 0: one a processor.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Bytes of all loaded models together.</summary>
    [Range(1, long.MaxValue)]
    public long CacheBytes { get; set; } = 1L << 30;

    /// <summary>Requests that may wait for their turn; a further one is answered by 503.</summary>
    [Range(0, 1_000_000)]
    public int QueueLength { get; set; } = 256;

    /// <summary>How long a model waits to be loaded while the cache is full of models in use.</summary>
    [Range(0, 3600)]
    public int CacheWaitSeconds { get; set; } = 10;

    /// <summary>How loaded models keep their weights: <c>float32</c>, <c>bfloat16</c> or <c>int8</c>.</summary>
    [AllowedValues("float32", "bfloat16", "int8", ErrorMessage = "The field WeightPrecision must be float32, bfloat16 or int8.")]
    public string WeightPrecision { get; set; } = "float32";

    /// <summary><see cref="WeightPrecision"/> as the library has it. No property: validation reads those, of wrong settings too.</summary>
    public WeightPrecision ResolvePrecision() => Enum.Parse<WeightPrecision>(WeightPrecision, ignoreCase: true);

    /// <summary><see cref="Threads"/> with 0 resolved.</summary>
    public int ResolvedThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
