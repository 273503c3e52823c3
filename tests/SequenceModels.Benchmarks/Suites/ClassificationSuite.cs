using BenchmarkDotNet.Attributes;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>A batch of texts of words through a bidirectional classifier.</summary>
public class ClassificationSuite : Suite
{
    private Workload _work = null!;

    [Params(1, 32)]
    public int Batch { get; set; }

    [Params(20, 200)]
    public int Time { get; set; }

    [GlobalSetup]
    public void Prepare() => _work = Own(new ClassifyWorkload(vocabulary: 20000, embedding: 128, hidden: 128, Time, Batch, threads: 2));

    [Benchmark]
    public void Classify() => _work.Step();
}
