using BenchmarkDotNet.Attributes;
using SequenceModels.Tasks;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>One token sampled from a carried state.</summary>
public class SamplingSuite : Suite
{
    private Workload _work = null!;

    [Params(64, 128, 512)]
    public int HiddenSize { get; set; }

    [Params(1, 2)]
    public int Layers { get; set; }

    [Params(WeightPrecision.Float32, WeightPrecision.Int8)]
    public WeightPrecision Precision { get; set; }

    [GlobalSetup]
    public void Prepare() => _work = Own(new SampleWorkload(vocabulary: 65, HiddenSize, Layers, Environment.ProcessorCount, Precision));

    [Benchmark]
    public void Token() => _work.Step();
}
