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
    private readonly Func<KernelSet, CellKernels>? _resetKernels;

    private RecurrentCell(Func<KernelSet, CellKernels> kernels, Func<KernelSet, CellKernels>? resetKernels = null) => (_kernels, _resetKernels) = (kernels, resetKernels);

    /// <summary>Gates of a weight matrix: its rows are Gates x H.</summary>
    public int Gates => InputOrder.Length;

    /// <summary>Blocks of a trace row.</summary>
    public int TraceBlocks { get; private init; }

    /// <summary>Floats of a trace row behind its blocks.</summary>
    public int TraceScalars { get; private init; }

    /// <summary>Whether kernels work in the trace, so that there must be one even where nothing is trained.</summary>
    public bool WorksInTrace => TraceScalars > 0;

    /// <summary>Whether units of a row can be computed apart from each other; a normalisation needs them all.</summary>
    public bool UnitsAreApart => TraceScalars == 0;

    /// <summary>The gate that each block of the input's product belongs to.</summary>
    public int[] InputOrder { get; private init; } = [0, 1, 2, 3];

    /// <summary>The block of a trace row with which the recurrent product's blocks begin.</summary>
    public int RecurrentFirst { get; private init; }

    /// <summary>The gate that each block of the recurrent product belongs to.</summary>
    public int[] RecurrentOrder { get; private init; } = [0, 1, 2, 3];

    /// <summary>The gate whose recurrent weights act on the state after a reset, in a product of its own within the step; empty where there is none. Its gradient is the trace's first block.</summary>
    public int[] InnerOrder { get; private init; } = [];

    /// <summary>The gate whose two biases act at different places and are not added up beforehand, if there is one.</summary>
    public int? SeparateGate { get; private init; }

    /// <summary>Whether there is a cell state beside the hidden state.</summary>
    public bool HasCellState { get; private init; }

    /// <summary>Names of the vectors [Gates x H] that are added up: to the input's product, or, where that is normalised, to the result.</summary>
    public string[] Biases { get; private init; } = ["bias_ih", "bias_hh"];

    /// <summary>Name of the gain [Gates x H] of the input's product where that is normalised by itself.</summary>
    public string? InputGain { get; private init; }

    /// <summary>Whether the gradients of the biases are those of the products, summed; a normalisation gives those of its shift itself.</summary>
    public bool BiasesAreOfProducts => InputGain is null && Biases.Length > 0;

    /// <summary>What the kernels read besides, in the order of their blocks: vectors of so many times H.</summary>
    public (string Name, int Blocks)[] Further
    {
        get;
        private init => (field, FurtherBlocks) = (value, value.Sum(further => further.Blocks));
    } = [];

    /// <summary>Blocks of <see cref="Further"/>.</summary>
    public int FurtherBlocks { get; private init; }

    /// <summary>Name of the vector [Gates x H] whose part of the forget gate begins at 1, if there is a forget gate.</summary>
    public string? ForgetBias { get; private init; }

    public static RecurrentCell Of(CellKind kind) => kind switch
    {
        CellKind.Lstm => new(set => set.Lstm) { TraceBlocks = 4, HasCellState = true, ForgetBias = "bias_ih" },
        CellKind.Gru => new(set => set.Gru) { TraceBlocks = 4, InputOrder = [2, 0, 1], RecurrentFirst = 1, RecurrentOrder = [0, 1, 2], SeparateGate = 2 },
        CellKind.Rnn => new(set => set.Tanh) { TraceBlocks = 1, InputOrder = [0], RecurrentOrder = [0] },
        CellKind.ReluRnn => new(set => set.Relu) { TraceBlocks = 1, InputOrder = [0], RecurrentOrder = [0] },
        CellKind.GruResetBefore => new(set => set.GruCandidate, set => set.GruReset)
        {
            TraceBlocks = 3,
            InputOrder = [2, 0, 1],
            RecurrentFirst = 1,
            RecurrentOrder = [0, 1],
            InnerOrder = [2],
        },
        CellKind.PeepholeLstm => new(set => set.PeepholeLstm)
        {
            TraceBlocks = 4,
            HasCellState = true,
            Further = [("p_i", 1), ("p_f", 1), ("p_o", 1)],
            ForgetBias = "bias_ih",
        },
        CellKind.LayerNormLstm => NormalProducts(set => set.LayerNormLstm, ["bias", "ln_ih_beta", "ln_hh_beta"]),
        CellKind.LayerNormCellLstm => NormalProducts(set => set.LayerNormCellLstm, ["ln_ih_beta", "ln_hh_beta"]),
        CellKind.LayerNormGatesLstm => new(set => set.LayerNormGatesLstm)
        {
            TraceBlocks = LayerNormTrace.Blocks,
            TraceScalars = LayerNormTrace.Scalars,
            HasCellState = true,
            Biases = [],
            Further = [("ln_gates_gamma", 4), ("ln_c_gamma", 1), ("ln_c_beta", 1), ("ln_gates_beta", 4)],
            ForgetBias = "ln_gates_beta",
        },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such cell."),
    };

    public CellKernels Kernels(KernelSet set) => _kernels(set);

    /// <summary>What goes ahead of the inner product in a step, and behind it backwards; <c>null</c> where there is no such product.</summary>
    public CellKernels? ResetKernels(KernelSet set) => _resetKernels?.Invoke(set);

    private static RecurrentCell NormalProducts(Func<KernelSet, CellKernels> kernels, string[] biases) => new(kernels)
    {
        TraceBlocks = LayerNormTrace.Blocks,
        TraceScalars = LayerNormTrace.Scalars,
        RecurrentFirst = 4,
        HasCellState = true,
        Biases = biases,
        InputGain = "ln_ih_gamma",
        Further = [("ln_hh_gamma", 4), ("ln_c_gamma", 1), ("ln_c_beta", 1)],
        ForgetBias = biases[0],
    };
}
