using BenchmarkDotNet.Attributes;
using SequenceModels.Kernels;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>A block of 256 rows of the product of a weight gradient: [4H,256] x [256,H], added to.</summary>
public unsafe class TallProductSuite : Suite
{
    private const int Depth = 256;
    private float* _left;
    private float* _right;
    private float* _result;
    private float* _packing;

    [Params(64, 256, 1024)]
    public int HiddenSize { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _left = Numbers(4L * Depth * HiddenSize);
        _right = Numbers(PackedMatrix.Size(Depth, HiddenSize));
        _result = Numbers(4L * HiddenSize * HiddenSize);
        _packing = Numbers(TallProduct.PackingLength(Depth));
    }

    [Benchmark]
    public void WeightGradient() => Kernels.TallProduct(_left, 4 * HiddenSize, Depth, 4 * HiddenSize, _right, HiddenSize, _result, HiddenSize, null, _packing, null, 0);
}
