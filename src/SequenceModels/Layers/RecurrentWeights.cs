using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// The parameters of one recurrent layer (one or two directions) and the packed copies that the kernels read. Shared by all that compute with them;
/// packed anew after each change of the parameters.
/// Blocks are padded: unit j of a block stands in column block x <see cref="Stride"/> + j, columns of padding hold zeros.
/// </summary>
internal sealed unsafe class RecurrentWeights : IDisposable
{
    /// <summary>Multiply-adds that take the time of packing one float.</summary>
    private const int OperationsOfPacking = 4;

    private readonly DirectionWeights[] _directions;
    private readonly DroppedWeights?[] _dropped;
    private Action<int>? _packShare;
    private ThreadTeam? _team;
    private bool _packBackward;
    private Action<int>? _dropShare;
    private Action<int>? _gradientShare;
    private ComputeContext? _context;
    private int _layer;
    private double _probability;
    private CounterRandom _random;

    /// <summary>Finds the layer's parameters by PyTorch's names.</summary>
    /// <param name="parameters">The network's parameters.</param>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="prefix">Name of the stack, for example <c>rnn</c>.</param>
    /// <param name="layer">Number of the layer, from 0.</param>
    /// <param name="inputSize">I, components of an input step.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="bidirectional">Whether there is a backward direction.</param>
    public RecurrentWeights(ParameterSet parameters, CellKind cell, string prefix, int layer, int inputSize, int hiddenSize, bool bidirectional)
    {
        Cell = RecurrentCell.Of(cell);
        InputSize = inputSize;
        HiddenSize = hiddenSize;
        Stride = PackedMatrix.PaddedColumns(hiddenSize);
        _directions = new DirectionWeights[bidirectional ? 2 : 1];
        _dropped = new DroppedWeights?[_directions.Length];
        for (int d = 0; d < _directions.Length; d++)
            _directions[d] = new DirectionWeights(parameters, Cell, prefix, Suffix(layer, d == 1), inputSize, hiddenSize);
    }

    public RecurrentCell Cell { get; }

    public int InputSize { get; }

    public int HiddenSize { get; }

    /// <summary>H rounded up to 16.</summary>
    public int Stride { get; }

    /// <summary>Floats of one row of the input's product.</summary>
    public int InputStride => Cell.InputOrder.Length * Stride;

    /// <summary>Floats of one row of the recurrent product; an inner product is not in it.</summary>
    public int RecurrentColumns => Cell.RecurrentOrder.Length * Stride;

    /// <summary>Floats from one row of the recurrent product to the next: an inner product stands behind it.</summary>
    public int RecurrentStride => RecurrentColumns + Cell.InnerOrder.Length * Stride;

    /// <summary>Floats from one row of a trace to the next.</summary>
    public int TraceStride => PackedMatrix.SpreadStride(Cell.TraceBlocks * Stride + Cell.TraceScalars);

    /// <summary>Floats from one row of states after a reset to the next.</summary>
    public int ResetStride => PackedMatrix.SpreadStride(Stride);

    /// <summary>Floats of the gradients of what a cell has besides weights and biases.</summary>
    public int ParameterStride => Cell.FurtherBlocks * Stride;

    public int Directions => _directions.Length;

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => _directions.Sum(d => d.PackedBytes);

    public DirectionWeights this[int direction] => _directions[direction];

    /// <summary>Names and shapes of the layer's parameters, in PyTorch's order; what PyTorch has no name for comes last.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Shapes(CellKind cell, string prefix, int layer, int inputSize, int hiddenSize, bool bidirectional)
    {
        var description = RecurrentCell.Of(cell);
        int gates = description.Gates;
        for (int d = 0; d < (bidirectional ? 2 : 1); d++)
        {
            string suffix = Suffix(layer, d == 1);
            yield return ($"{prefix}.weight_ih{suffix}", [gates * hiddenSize, inputSize]);
            yield return ($"{prefix}.weight_hh{suffix}", [gates * hiddenSize, hiddenSize]);
            foreach (string bias in description.Biases)
                yield return ($"{prefix}.{bias}{suffix}", [gates * hiddenSize]);
            if (description.InputGain is not null)
                yield return ($"{prefix}.{description.InputGain}{suffix}", [gates * hiddenSize]);
            foreach (var (name, blocks) in description.Further)
                yield return ($"{prefix}.{name}{suffix}", [blocks * hiddenSize]);
        }
    }

    /// <summary>Copies the parameters into the packed form.</summary>
    /// <param name="team">Shares the work.</param>
    /// <param name="backward">Whether the backward pass will run.</param>
    public void Pack(ThreadTeam team, bool backward)
    {
        if (backward)
        {
            foreach (var direction in _directions)
                direction.PrepareBackward();
        }

        (_team, _packBackward) = (team, backward);
        long floats = (long)Directions * Cell.Gates * HiddenSize * (InputSize + HiddenSize) * (backward ? 2 : 1);
        team.Run(_packShare ??= PackShare, OperationsOfPacking * floats);
    }

    /// <summary>Drops some of the recurrent weights from the next packing on, until it is called again (docs/equations.md, 16.2).</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="layer">Number of the layer, for the key.</param>
    /// <param name="probability">Probability of dropping a weight; 0: none.</param>
    /// <param name="random">Key of the masks; Tensor is what <see cref="MaskKeys"/> are counted from.</param>
    public void Drop(ComputeContext context, int layer, double probability, CounterRandom random)
    {
        for (int d = 0; d < _directions.Length; d++)
        {
            _dropped[d] ??= probability > 0 ? new DroppedWeights(_directions[d].RecurrentWeight) : null;
            _directions[d].Dropped = probability > 0 ? _dropped[d] : null;
        }

        if (probability <= 0)
            return;
        (_context, _layer, _probability, _random) = (context, layer, probability, random);
        context.Team.Run(_dropShare ??= DropShare);
    }

    /// <summary>Hands the gradients of dropped weights on to the raw ones. After the layer's backward pass.</summary>
    public void AddDroppedGradients(ComputeContext context)
    {
        if (_directions[0].Dropped is null)
            return;
        _context = context;
        context.Team.Run(_gradientShare ??= GradientShare);
    }

    /// <summary>Keeps the packed weights at a lower precision; from then on the layer is for inference alone.</summary>
    /// <param name="precision">The precision.</param>
    /// <param name="input">Whether the input's weights are used; <c>false</c> where a table stands for their product.</param>
    public void Lower(WeightPrecision precision, bool input)
    {
        foreach (var direction in _directions)
        {
            direction.RecurrentProduct.Lower(precision);
            direction.InnerProduct?.Lower(precision);
            if (input)
                direction.InputProduct.Lower(precision);
            else
                direction.InputProduct.Drop();
        }
    }

    public void Dispose()
    {
        foreach (var direction in _directions)
            direction.Dispose();
        foreach (var dropped in _dropped)
            dropped?.Dispose();
    }

    private static string Suffix(int layer, bool reverse) => reverse ? $"_l{layer}_reverse" : $"_l{layer}";

    private void DropShare(int member)
    {
        for (int d = 0; d < _directions.Length; d++)
            _dropped[d]!.Draw(_context!, member, _probability, _random with { Tensor = _random.Tensor + MaskKeys.Weights(_layer, d) });
    }

    private void GradientShare(int member)
    {
        foreach (var dropped in _dropped)
            dropped!.AddGradients(_context!, member);
    }

    private void PackShare(int member)
    {
        int pieces = DirectionWeights.PackingPieces;
        for (int unit = member; unit < Directions * pieces; unit += _team!.Size)
            _directions[unit / pieces].Pack(unit % pieces, _packBackward);
    }
}
