namespace SequenceModels.Kernels;

/// <summary>The elementwise part of a recurrent cell: sixteen units of one row. The loops over units and rows are shared (<see cref="CellKernels"/>).</summary>
internal interface ICell
{
    /// <summary>One step forward for units j to j + 15 of the row that <paramref name="row"/> points at.</summary>
    static abstract void Forward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>;

    /// <summary>One step backward, from the trace of <see cref="Forward"/>.</summary>
    static abstract void Backward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>;
}
