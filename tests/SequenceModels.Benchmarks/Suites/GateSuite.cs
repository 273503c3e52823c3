using BenchmarkDotNet.Attributes;
using SequenceModels.Kernels;

namespace SequenceModels.Benchmarks.Suites;

/// <summary>The elementwise part of a time step of 32 rows of an LSTM, forwards and backwards.</summary>
public unsafe class GateSuite : Suite
{
    private const int Rows = 32;
    private CellStep _step;

    [Params(64, 256, 1024)]
    public int HiddenSize { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        int h = HiddenSize;
        float* States() => Numbers((long)Rows * h);
        _step = new CellStep
        {
            Rows = Rows,
            EndUnit = h,
            Stride = h,
            Input = Numbers(4L * Rows * h),
            InputStride = 4 * h,
            Recurrent = Numbers(4L * Rows * h),
            RecurrentStride = 4 * h,
            PreviousHidden = States(),
            Hidden = States(),
            HiddenStride = h,
            PreviousCell = States(),
            Cell = States(),
            CellTanh = States(),
            Trace = Numbers(4L * Rows * h),
            TraceStride = 4 * h,
            OutputGradient = States(),
            OutputGradientStride = h,
            HiddenGradient = States(),
            CellGradient = States(),
        };
    }

    [Benchmark]
    public void Forward() => Kernels.Lstm.Forward(_step);

    // Carried gradients are begun anew, or repeated steps would lead them into denormal numbers.
    [Benchmark]
    public void Backward()
    {
        Tensors.Memory.Copy(_step.OutputGradient, _step.HiddenGradient, (long)Rows * HiddenSize);
        Tensors.Memory.Copy(_step.OutputGradient, _step.CellGradient, (long)Rows * HiddenSize);
        Tensors.Memory.Copy(_step.Recurrent, _step.Trace, 4L * Rows * HiddenSize);
        Kernels.Lstm.Backward(_step);
    }
}
