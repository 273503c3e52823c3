using SequenceModels.Kernels;
using SequenceModels.Tests.Kernels;

namespace SequenceModels.Tests.Exactness;

/// <summary>One step of a cell forwards and backwards, on fixed inputs: all that it writes.</summary>
internal static unsafe class CellRuns
{
    private const int Rows = 3;

    /// <summary>The most that any cell has of gates.</summary>
    private const int Blocks = 4;

    /// <summary>The most that any cell has in a trace, and of parameters with the block that tells units from padding.</summary>
    private const int TraceBlocks = 8, ParameterBlocks = 11;

    /// <summary>Floats behind the blocks of a trace.</summary>
    private const int Scalars = 16;

    /// <summary>Units of padding.</summary>
    private const int Padding = 5;

    private static readonly int[] s_tokens = [4, 0, 4];

    /// <summary>With input products of each row, and with those of tokens from a table; with gradients from above, and without.</summary>
    public static IEnumerable<float> All(CellKernels cell, int stride) => Run(cell, stride, byToken: false).Concat(Run(cell, stride, byToken: true));

    private static float[] Run(CellKernels cell, int stride, bool byToken)
    {
        int wide = Blocks * stride, traceWide = TraceBlocks * stride + Scalars, sumsWide = ParameterBlocks * stride;
        using GuardedMemory input = KernelRuns.Filled((s_tokens.Max() + 1) * wide, 21), recurrent = KernelRuns.Filled(Rows * wide, 22);
        using GuardedMemory previousHidden = KernelRuns.Filled(Rows * stride, 23), previousCell = KernelRuns.Filled(Rows * stride, 24), outputGradient = KernelRuns.Filled(Rows * stride, 25);
        using GuardedMemory hiddenGradient = KernelRuns.Filled(Rows * stride, 26), cellGradient = KernelRuns.Filled(Rows * stride, 27);
        using GuardedMemory hidden = new(Rows * stride), state = new(Rows * stride), tanh = new(Rows * stride), trace = new(Rows * traceWide), reset = new(Rows * stride);
        using GuardedMemory parameters = KernelRuns.Filled(ParameterBlocks * stride, 28), sums = KernelRuns.Filled(Rows * sumsWide, 29);
        fixed (int* tokens = s_tokens)
        {
            var step = new CellStep
            {
                Rows = Rows,
                EndUnit = stride,
                Stride = stride,
                Units = stride - Padding,
                Input = input.Pointer,
                InputStride = wide,
                Tokens = byToken ? tokens : null,
                Recurrent = recurrent.Pointer,
                RecurrentStride = wide,
                PreviousHidden = previousHidden.Pointer,
                Hidden = hidden.Pointer,
                HiddenStride = stride,
                Reset = reset.Pointer,
                ResetStride = stride,
                Parameters = parameters.Pointer,
                ParameterGradient = sums.Pointer,
                ParameterStride = sumsWide,
                PreviousCell = previousCell.Pointer,
                Cell = state.Pointer,
                CellTanh = tanh.Pointer,
                Trace = trace.Pointer,
                TraceStride = traceWide,
                OutputGradient = byToken ? null : outputGradient.Pointer,
                OutputGradientStride = stride,
                HiddenGradient = hiddenGradient.Pointer,
                CellGradient = cellGradient.Pointer,
            };
            cell.Forward(step);
            float[] forward = [.. hidden.Values, .. state.Values, .. tanh.Values, .. reset.Values, .. recurrent.Values, .. trace.Values];
            cell.Backward(step);
            return [.. forward, .. trace.Values, .. hiddenGradient.Values, .. cellGradient.Values, .. sums.Values];
        }
    }
}
