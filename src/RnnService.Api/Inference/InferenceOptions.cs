using System.ComponentModel.DataAnnotations;

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

    /// <summary><see cref="Threads"/> with 0 resolved.</summary>
    public int ResolvedThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
