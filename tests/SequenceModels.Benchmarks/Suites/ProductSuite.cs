using BenchmarkDotNet.Attributes;
using SequenceModels.Kernels;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>Products of a time step (16, 32 rows) and of all time steps (1600 rows) of an LSTM, forwards: [rows,H] x [H,4H].</summary>
public unsafe class ProductSuite : Suite
{
    private float* _left;
    private float* _right;
    private float* _result;

    [Params(64, 256, 1024)]
    public int HiddenSize { get; set; }

    [Params(1, 16, 32, 1600)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _left = Numbers((long)Rows * HiddenSize);
        var packed = Own(new PackedMatrix(HiddenSize, 4 * HiddenSize));
        packed.Pack(Numbers(4L * HiddenSize * HiddenSize), 4 * HiddenSize, 1);
        _right = packed.Pointer;
        _result = Numbers(4L * Rows * HiddenSize);
    }

    [Benchmark]
    public void Product() => Kernels.Product(_left, HiddenSize, 1, Rows, HiddenSize, _right, 4 * HiddenSize, null, 0, _result, 4 * HiddenSize, true);
}
