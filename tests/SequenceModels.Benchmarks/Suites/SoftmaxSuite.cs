using BenchmarkDotNet.Attributes;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>Softmax of one row.</summary>
public unsafe class SoftmaxSuite : Suite
{
    private float* _logits;
    private float* _probabilities;

    [Params(32, 256, 20000)]
    public int Vocabulary { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _logits = Numbers(Vocabulary);
        _probabilities = Numbers(Vocabulary);
    }

    [Benchmark]
    public float Softmax() => Kernels.SoftmaxForward(_logits, _probabilities, Vocabulary);
}
