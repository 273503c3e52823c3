using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// The loop over rows of normalised LSTMs. Each pass over a row ends with a sum whose folding, division and root take longer than the pass over a short row: some rows take each pass together, so that the one's wait is the other's work.
/// </summary>
internal sealed unsafe class LayerNormLstmKernels<L, TDefinition> : CellKernels
    where L : struct, ILanes<L>
    where TDefinition : struct, ILayerNormDefinition
{
    private const int MostRows = 8;

    /// <summary>Units of the rows that are taken together: what is read of them more than once stays in the first cache.</summary>
    private const int MostUnits = 512;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(in CellStep step)
    {
        var rows = stackalloc CellStep[MostRows];
        int most = Math.Clamp(MostUnits / step.Stride, 1, MostRows);
        for (int first = 0; first < step.Rows; first += most)
        {
            int count = Math.Min(most, step.Rows - first);
            for (int r = 0; r < count; r++)
                step.CopyRow(first + r, out rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.Centre<L>(rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.Scale<L>(rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.Forward<L>(rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.ScaleCell<L>(rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.ForwardOutput<L>(rows[r]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(in CellStep step)
    {
        var rows = stackalloc CellStep[MostRows];
        int most = Math.Clamp(MostUnits / step.Stride, 1, MostRows);
        for (int first = 0; first < step.Rows; first += most)
        {
            int count = Math.Min(most, step.Rows - first);
            for (int r = 0; r < count; r++)
                step.CopyRow(first + r, out rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.BackwardOutput<L>(rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.Backward<L>(rows[r]);
            for (int r = 0; r < count; r++)
                LayerNormLstmCell<TDefinition>.Differentiate<L>(rows[r]);
        }
    }
}
