using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>A recurrent cell's elementwise arithmetic at one vector width, over rows and units.</summary>
internal abstract class CellKernels
{
    /// <summary>One time step forward.</summary>
    public abstract void Forward(in CellStep step);

    /// <summary>One time step backward.</summary>
    public abstract void Backward(in CellStep step);
}

/// <summary>The loop over rows that all cells share.</summary>
internal sealed unsafe class CellKernels<L, TCell> : CellKernels
    where L : struct, ILanes<L>
    where TCell : struct, ICell
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(in CellStep step)
    {
        var row = step;
        for (int r = 0; r < step.Rows; r++)
        {
            row.Input = step.Input + (step.Tokens is null ? r : step.Tokens[r]) * step.InputStride;
            TCell.Forward<L>(row);
            row.Recurrent += step.RecurrentStride;
            row.PreviousHidden += step.HiddenStride;
            row.Hidden += step.HiddenStride;
            row.Reset += step.ResetStride;
            row.PreviousCell += step.Stride;
            row.Cell += step.Stride;
            if (step.Trace is null)
                continue;
            row.CellTanh += step.Stride;
            row.Trace += step.TraceStride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(in CellStep step)
    {
        var row = step;
        for (int r = 0; r < step.Rows; r++)
        {
            row.Input = step.Input + (step.Tokens is null ? r : step.Tokens[r]) * step.InputStride;
            TCell.Backward<L>(row);
            row.Recurrent += step.RecurrentStride;
            row.PreviousHidden += step.HiddenStride;
            row.Hidden += step.HiddenStride;
            row.ParameterGradient += step.ParameterStride;
            row.PreviousCell += step.Stride;
            row.Cell += step.Stride;
            row.CellTanh += step.Stride;
            row.Trace += step.TraceStride;
            row.HiddenGradient += step.Stride;
            row.CellGradient += step.Stride;
            if (step.OutputGradient is not null)
                row.OutputGradient += step.OutputGradientStride;
        }
    }
}
