namespace SequenceModels.Kernels;

/// <summary>
/// One time step of a recurrent cell for some rows of a batch and some of its units: where everything stands. S is H rounded up to 16; a row of states is [S], a row of a trace is
/// [blocks x S]. Padded units have zero weights, so their states and gradients are 0.
/// </summary>
internal unsafe struct CellStep
{
    /// <summary>Rows to work on; all pointers below are those of the first.</summary>
    public int Rows;

    /// <summary>First unit, a multiple of 16.</summary>
    public int FirstUnit;

    /// <summary>One more than the last unit, a multiple of 16.</summary>
    public int EndUnit;

    /// <summary>S.</summary>
    public int Stride;

    /// <summary>H, the units that are no padding.</summary>
    public int Units;

    /// <summary>W_ih x + biases: rows of it, or, where there are <see cref="Tokens"/>, a table with a row for each token.</summary>
    public float* Input;

    /// <summary>Floats from one row of <see cref="Input"/> to the next.</summary>
    public nint InputStride;

    /// <summary>The rows' tokens, or <c>null</c>.</summary>
    public int* Tokens;

    /// <summary>
    /// W_hh h_prev (and what biases the cell keeps apart). Where part of W_hh acts on <see cref="Reset"/>, that product stands behind the others; in the backward pass its place holds dL/d reset.
    /// </summary>
    public float* Recurrent;

    /// <summary>Floats from one row of <see cref="Recurrent"/> to the next.</summary>
    public nint RecurrentStride;

    /// <summary>h_prev.</summary>
    public float* PreviousHidden;

    /// <summary>Receives h.</summary>
    public float* Hidden;

    /// <summary>Floats from one row of <see cref="PreviousHidden"/> and <see cref="Hidden"/> to the next.</summary>
    public nint HiddenStride;

    /// <summary>[S] receives r h_prev, for cells whose reset gate acts before the product.</summary>
    public float* Reset;

    /// <summary>Floats from one row of <see cref="Reset"/> to the next.</summary>
    public nint ResetStride;

    /// <summary>[blocks x S] what the cell has of parameters beside weights and biases, the same for all rows.</summary>
    public float* Parameters;

    /// <summary>Sums of the gradients of <see cref="Parameters"/>, each row of the batch its own, added to.</summary>
    public float* ParameterGradient;

    /// <summary>Floats from one row of <see cref="ParameterGradient"/> to the next.</summary>
    public nint ParameterStride;

    /// <summary>[S] c_prev, for cells that have one.</summary>
    public float* PreviousCell;

    /// <summary>[S] receives c; may be <see cref="PreviousCell"/>.</summary>
    public float* Cell;

    /// <summary>[S] receives tanh(c), for a backward pass.</summary>
    public float* CellTanh;

    /// <summary>[blocks x S] receives what the backward pass needs, beside what the cell leaves of the input's products there, and is overwritten by it with the gradients of the pre-activations; <c>null</c> where none follows.</summary>
    public float* Trace;

    /// <summary>Floats from one row of <see cref="Trace"/> to the next.</summary>
    public nint TraceStride;

    /// <summary>dL/dh through this step's output, or <c>null</c>: 0.</summary>
    public float* OutputGradient;

    /// <summary>Floats from one row of <see cref="OutputGradient"/> to the next.</summary>
    public nint OutputGradientStride;

    /// <summary>[S] dL/dh through the next step; overwritten with the part of dL/dh_prev that does not pass through W_hh.</summary>
    public float* HiddenGradient;

    /// <summary>[S] dL/dc through the next step, overwritten with dL/dc_prev.</summary>
    public float* CellGradient;

    /// <summary>The step of one of the rows alone.</summary>
    /// <param name="r">The row, counted from the first.</param>
    /// <param name="row">Receives its step.</param>
    public readonly void CopyRow(int r, out CellStep row)
    {
        row = this;
        row.Rows = 1;
        row.Input += (Tokens is null ? r : Tokens[r]) * InputStride;
        row.Recurrent += r * RecurrentStride;
        row.PreviousHidden += r * HiddenStride;
        row.Hidden += r * HiddenStride;
        row.Reset += r * ResetStride;
        row.ParameterGradient += r * ParameterStride;
        row.PreviousCell += r * Stride;
        row.Cell += r * Stride;
        row.CellTanh += r * Stride;
        row.Trace += r * TraceStride;
        row.OutputGradient += OutputGradient is null ? 0 : r * OutputGradientStride;
        row.HiddenGradient += r * Stride;
        row.CellGradient += r * Stride;
    }
}
