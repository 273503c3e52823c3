using SequenceModels.Tasks;

namespace SequenceModels.Serialization.Onnx;

/// <summary>How a cell in PyTorch's form is said with an ONNX operator (https://onnx.ai/onnx/operators: RNN, GRU, LSTM), or, where there is none, with a scan of simple ones.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="GateOrder">PyTorch's gate that stands at each place of the operator's weights.</param>
/// <param name="Activation">The activation of each direction; <c>null</c>: those that the operator has by itself.</param>
/// <param name="HasCellState">Whether there is a c beside the h.</param>
/// <param name="ResetsAfter">Whether a reset gate acts after the recurrent product (<c>linear_before_reset</c>).</param>
/// <param name="Peepholes">Vectors by which gates see the cell state, in the operator's order.</param>
internal sealed record OnnxCell(string Operator, int[] GateOrder, string? Activation = null, bool HasCellState = false, bool ResetsAfter = false, string[]? Peepholes = null)
{
    /// <summary>PyTorch's i, f, g, o as i, o, f, c.</summary>
    public static OnnxCell Lstm { get; } = new("LSTM", [0, 3, 1, 2], HasCellState: true);

    /// <summary>PyTorch's r, z, n as z, r, h.</summary>
    public static OnnxCell Gru { get; } = new("GRU", [1, 0, 2], ResetsAfter: true);

    /// <summary>The plain cell with tanh.</summary>
    public static OnnxCell Rnn { get; } = new("RNN", [0], "Tanh");

    /// <summary>The plain cell with max(0, x).</summary>
    public static OnnxCell ReluRnn { get; } = new("RNN", [0], "Relu");

    /// <summary>The GRU with the reset gate before the product.</summary>
    public static OnnxCell GruResetBefore { get; } = Gru with { ResetsAfter = false };

    /// <summary>The LSTM with peepholes.</summary>
    public static OnnxCell PeepholeLstm { get; } = Lstm with { Peepholes = ["p_i", "p_o", "p_f"] };

    /// <summary>The LSTM with normalised products and output.</summary>
    public static OnnxCell LayerNormLstm { get; } = Lstm with { Normalization = OnnxNormalization.ProductsAndOutput };

    /// <summary>The LSTM with normalised products and cell state.</summary>
    public static OnnxCell LayerNormCellLstm { get; } = Lstm with { Normalization = OnnxNormalization.ProductsAndCell };

    /// <summary>The LSTM with normalised gates and output.</summary>
    public static OnnxCell LayerNormGatesLstm { get; } = Lstm with { Normalization = OnnxNormalization.GatesAndOutput };

    /// <summary>What is normalised, of cells that have no operator of their own; else <c>null</c>.</summary>
    public OnnxNormalization? Normalization { get; private init; }

    public int Gates => GateOrder.Length;

    public static OnnxCell Of(CellKind kind) => kind switch
    {
        CellKind.Lstm => Lstm,
        CellKind.Gru => Gru,
        CellKind.Rnn => Rnn,
        CellKind.ReluRnn => ReluRnn,
        CellKind.GruResetBefore => GruResetBefore,
        CellKind.PeepholeLstm => PeepholeLstm,
        CellKind.LayerNormLstm => LayerNormLstm,
        CellKind.LayerNormCellLstm => LayerNormCellLstm,
        CellKind.LayerNormGatesLstm => LayerNormGatesLstm,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such cell."),
    };
}

/// <summary>The definitions of docs/equations.md, section 15.</summary>
internal enum OnnxNormalization
{
    ProductsAndOutput,
    ProductsAndCell,
    GatesAndOutput,
}
