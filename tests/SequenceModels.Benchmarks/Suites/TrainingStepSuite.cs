using BenchmarkDotNet.Attributes;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>A whole training step of a language model: packing, forward, backward, clipping, Adam.</summary>
public class TrainingStepSuite : Suite
{
    private Workload _work = null!;

    [Params(64, 128, 256)]
    public int HiddenSize { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Prepare() => _work = Own(new TrainWorkload(new() { EmbeddingSize = 65, HiddenSize = HiddenSize }, vocabulary: 65, batch: 32, time: 64, Threads));

    [Benchmark]
    public void Step() => _work.Step();
}
