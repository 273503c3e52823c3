using SequenceModels.Tasks;

namespace SequenceModels.Serialization.Onnx;

/// <summary>How a cell in PyTorch's form is said with an ONNX operator (https://onnx.ai/onnx/operators: RNN, GRU, LSTM).</summary>
/// <param name="Operator">The operator.</param>
/// <param name="GateOrder">PyTorch's gate that stands at each place of the operator's weights.</param>
/// <param name="Activation">The activation of each direction; <c>null</c>: those that the operator has by itself.</param>
/// <param name="HasCellState">Whether there is a c beside the h.</param>
/// <param name="ResetsAfter">Whether a reset gate acts after the recurrent product (<c>linear_before_reset</c>).</param>
internal sealed record OnnxCell(string Operator, int[] GateOrder, string? Activation = null, bool HasCellState = false, bool ResetsAfter = false)
{
    /// <summary>PyTorch's i, f, g, o as i, o, f, c.</summary>
    public static OnnxCell Lstm { get; } = new("LSTM", [0, 3, 1, 2], HasCellState: true);

    /// <summary>PyTorch's r, z, n as z, r, h.</summary>
    public static OnnxCell Gru { get; } = new("GRU", [1, 0, 2], ResetsAfter: true);

    /// <summary>The plain cell with tanh.</summary>
    public static OnnxCell Rnn { get; } = new("RNN", [0], "Tanh");

    /// <summary>The plain cell with max(0, x).</summary>
    public static OnnxCell ReluRnn { get; } = new("RNN", [0], "Relu");

    public int Gates => GateOrder.Length;

    public static OnnxCell Of(CellKind kind) => kind switch
    {
        CellKind.Lstm => Lstm,
        CellKind.Gru => Gru,
        CellKind.Rnn => Rnn,
        CellKind.ReluRnn => ReluRnn,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such cell."),
    };
}
