using BenchmarkDotNet.Attributes;
using SequenceModels.Kernels;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>An update of all parameters.</summary>
public unsafe class AdamSuite : Suite
{
    private static readonly AdamUpdate.Constants Constants = new(1, 0.9f, 0.999f, 1e-3f, 1, 1e-8f);
    private float* _values;
    private float* _gradients;
    private float* _first;
    private float* _second;

    [Params(1 << 15, 1 << 20)]
    public int Parameters { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _values = Numbers(Parameters);
        _gradients = Numbers(Parameters);
        _first = Numbers(Parameters);
        _second = Numbers(Parameters);
        Kernels.Multiply(_second, _second, _second, Parameters); // a mean of squares
    }

    [Benchmark]
    public void Update() => Kernels.Adam(_values, _gradients, _first, _second, Parameters, Constants);
}
