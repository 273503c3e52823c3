using SequenceModels.Kernels;
using SequenceModels.Tasks;

namespace SequenceModels.Layers;

/// <summary>
/// How a cell's parameters (PyTorch's gate order) map to the blocks that its kernels read. The trace of a step holds the blocks of the input's product first; those of the recurrent
/// product begin at <see cref="RecurrentFirst"/>, so that the gradients of each product stand side by side.
/// </summary>
internal sealed class RecurrentCell
{
    private readonly Func<KernelSet, CellKernels> _kernels;

    private RecurrentCell(int traceBlocks, int[] inputOrder, int recurrentFirst, int[] recurrentOrder, int? separateGate, bool hasCellState, Func<KernelSet, CellKernels> kernels)
    {
        (TraceBlocks, InputOrder, RecurrentFirst, RecurrentOrder) = (traceBlocks, inputOrder, recurrentFirst, recurrentOrder);
        (SeparateGate, HasCellState, _kernels) = (separateGate, hasCellState, kernels);
    }

    /// <summary>Gates of a weight matrix: its rows are Gates x H.</summary>
    public int Gates => InputOrder.Length;

    /// <summary>Blocks of a trace row.</summary>
    public int TraceBlocks { get; }

    /// <summary>The gate that each block of the input's product belongs to.</summary>
    public int[] InputOrder { get; }

    /// <summary>The block of a trace row with which the recurrent product's blocks begin.</summary>
    public int RecurrentFirst { get; }

    /// <summary>The gate that each block of the recurrent product belongs to.</summary>
    public int[] RecurrentOrder { get; }

    /// <summary>The gate whose two biases act at different places and are not added up beforehand, if there is one.</summary>
    public int? SeparateGate { get; }

    /// <summary>Whether there is a cell state beside the hidden state.</summary>
    public bool HasCellState { get; }

    public static RecurrentCell Of(CellKind kind) => kind switch
    {
        CellKind.Lstm => new RecurrentCell(4, [0, 1, 2, 3], 0, [0, 1, 2, 3], null, true, set => set.Lstm),
        CellKind.Gru => new RecurrentCell(4, [2, 0, 1], 1, [0, 1, 2], 2, false, set => set.Gru),
        CellKind.Rnn => new RecurrentCell(1, [0], 0, [0], null, false, set => set.Tanh),
        CellKind.ReluRnn => new RecurrentCell(1, [0], 0, [0], null, false, set => set.Relu),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such cell."),
    };

    public CellKernels Kernels(KernelSet set) => _kernels(set);
}
