using System.ComponentModel.DataAnnotations;

namespace RnnService.Api.TrainingJobs;

/// <summary>Settings of section <c>Training</c>.</summary>
public sealed class TrainingOptions
{
    public const string Section = "Training";

    /// <summary>Jobs that are trained at a time; the threads are shared out evenly among so many.</summary>
    [Range(1, 64)]
    public int MaxConcurrentJobs { get; set; } = 1;

    /// <summary>Jobs that may wait; a further one is answered with 503.</summary>
    [Range(1, 100_000)]
    public int MaxQueuedJobs { get; set; } = 1000;

    /// <summary>Seconds that a dry run measures updates for; its answer takes some more.</summary>
    [Range(0.05, 60.0)]
    public double DryRunSeconds { get; set; } = 2;

    /// <summary>Dry runs that may wait while one measures; a further one is answered with 503.</summary>
    [Range(0, 1000)]
    public int MaxWaitingDryRuns { get; set; } = 8;

    /// <summary>Threads that train; 0: one a processor.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>How nice training is to other work on Linux, 0 (not at all) to 19 (yields to all).</summary>
    [Range(0, 19)]
    public int Niceness { get; set; } = 10;

    /// <summary>Bytes that a request for a training job may have, data included.</summary>
    [Range(1024, int.MaxValue)]
    public long MaxRequestBytes { get; set; } = 64 << 20;

    /// <summary>Seconds from one checkpoint of a running job to the next; 0: one after every update.</summary>
    [Range(0.0, 86_400.0)]
    public double CheckpointSeconds { get; set; } = 30;

    /// <summary>Days after which a job that has ended is forgotten. Its version stays.</summary>
    [Range(1, 36_500)]
    public int KeepJobsDays { get; set; } = 365;

    /// <summary><see cref="Threads"/> with 0 resolved.</summary>
    public int ResolvedThreads => Threads > 0 ? Threads : Environment.ProcessorCount;

    /// <summary>The threads of one job.</summary>
    public int ThreadsOfJob => Math.Max(1, ResolvedThreads / MaxConcurrentJobs);
}
