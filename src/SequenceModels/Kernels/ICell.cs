namespace SequenceModels.Kernels;

/// <summary>The elementwise part of a recurrent cell for one row of a batch. The loop over rows is shared (<see cref="CellKernels"/>).</summary>
internal interface ICell
{
    /// <summary>One step forward for the units of the row that <paramref name="row"/> points at.</summary>
    static abstract void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>;

    /// <summary>One step backward, from the trace of <see cref="Forward"/>.</summary>
    static abstract void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>;
}
