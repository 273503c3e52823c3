using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>The parameters of one direction of a recurrent layer and their packed copies.</summary>
internal sealed unsafe class DirectionWeights : IDisposable
{
    /// <summary>Parts that packing is cut into, each for one thread.</summary>
    public const int PackingPieces = 8;
    private readonly RecurrentCell _cell;
    private readonly int _inputSize;
    private readonly int _hiddenSize;
    private readonly int _stride;
    private readonly NativeBuffer _bias;
    private readonly NativeBuffer? _recurrentBias;

    public DirectionWeights(ParameterSet parameters, RecurrentCell cell, string prefix, string suffix, int inputSize, int hiddenSize)
    {
        (_cell, _inputSize, _hiddenSize, _stride) = (cell, inputSize, hiddenSize, PackedMatrix.PaddedColumns(hiddenSize));
        InputWeight = parameters[$"{prefix}.weight_ih{suffix}"];
        RecurrentWeight = parameters[$"{prefix}.weight_hh{suffix}"];
        InputBias = parameters[$"{prefix}.bias_ih{suffix}"];
        RecurrentBias = parameters[$"{prefix}.bias_hh{suffix}"];
        Input = new PackedMatrix(inputSize, cell.InputOrder.Length * _stride);
        Recurrent = new PackedMatrix(hiddenSize, cell.RecurrentOrder.Length * _stride);
        (InputProduct, RecurrentProduct) = (new InferenceMatrix(Input), new InferenceMatrix(Recurrent));
        _bias = new NativeBuffer(cell.InputOrder.Length * _stride);
        _recurrentBias = cell.SeparateGate is null ? null : new NativeBuffer(cell.RecurrentOrder.Length * _stride);
    }

    public Parameter InputWeight { get; }

    public Parameter RecurrentWeight { get; }

    /// <summary>The recurrent weights with some of them dropped, which then stand for them; <c>null</c>: none is.</summary>
    public DroppedWeights? Dropped { get; set; }

    /// <summary>[gates x H,H] where the gradient of the recurrent weights that are in use is added to.</summary>
    public float* RecurrentGradient => Dropped is null ? RecurrentWeight.Gradient : Dropped.Gradients;

    public Parameter InputBias { get; }

    public Parameter RecurrentBias { get; }

    /// <summary>[I, blocks x S]: input to pre-activations.</summary>
    public PackedMatrix Input { get; }

    /// <summary>[H, blocks x S]: previous hidden state to pre-activations.</summary>
    public PackedMatrix Recurrent { get; }

    /// <summary>The product with <see cref="Input"/>, or with what it was lowered to.</summary>
    public InferenceMatrix InputProduct { get; }

    /// <summary>The product with <see cref="Recurrent"/>, or with what it was lowered to.</summary>
    public InferenceMatrix RecurrentProduct { get; }

    /// <summary>[blocks x S, I]: gradients of pre-activations to input gradient.</summary>
    public PackedMatrix? InputBackward { get; private set; }

    /// <summary>[blocks x S, H]: gradients of pre-activations to gradient of the previous hidden state.</summary>
    public PackedMatrix? RecurrentBackward { get; private set; }

    /// <summary>[blocks x S]: the sum of the two biases, the recurrent one of the separate gate left out.</summary>
    public float* Bias => _bias.Pointer;

    /// <summary>[blocks x S]: the separate gate's recurrent bias, or <c>null</c> where no gate is separate.</summary>
    public float* SeparateBias => _recurrentBias is null ? null : _recurrentBias.Pointer;

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => InputProduct.Bytes + RecurrentProduct.Bytes + sizeof(float) * ((InputBackward?.Length ?? 0) + (RecurrentBackward?.Length ?? 0));

    public void PrepareBackward()
    {
        InputBackward ??= new PackedMatrix(_cell.InputOrder.Length * _stride, _inputSize);
        RecurrentBackward ??= new PackedMatrix(_cell.RecurrentOrder.Length * _stride, _hiddenSize);
    }

    /// <summary>Packs one of <see cref="PackingPieces"/> parts of everything.</summary>
    public void Pack(int piece, bool backward)
    {
        PackBlocks(InputWeight.Value, _cell.InputOrder, _inputSize, piece, Input, backward ? InputBackward : null);
        PackBlocks(Dropped is null ? RecurrentWeight.Value : Dropped.Values, _cell.RecurrentOrder, _hiddenSize, piece, Recurrent, backward ? RecurrentBackward : null);
        if (piece == 0)
            AddBiases();
    }

    public void Dispose()
    {
        InputProduct.Dispose();
        RecurrentProduct.Dispose();
        InputBackward?.Dispose();
        RecurrentBackward?.Dispose();
        _bias.Dispose();
        _recurrentBias?.Dispose();
    }

    // W [gates x H, K] becomes B [K, blocks x S] forwards and [blocks x S, K] backwards, a piece of each block's units at a time.
    private void PackBlocks(float* weight, int[] order, int columns, int piece, PackedMatrix forward, PackedMatrix? backward)
    {
        int start = (int)((long)_hiddenSize * piece / PackingPieces), end = (int)((long)_hiddenSize * (piece + 1) / PackingPieces);
        for (int block = 0; block < order.Length && start < end; block++)
        {
            float* source = weight + ((long)order[block] * _hiddenSize + start) * columns;
            forward.Pack(source, 1, columns, 0, columns, block * _stride + start, end - start);
            backward?.Pack(source, columns, 1, block * _stride + start, end - start, 0, columns);
        }
    }

    private void AddBiases()
    {
        for (int block = 0; block < _cell.InputOrder.Length; block++)
        {
            int gate = _cell.InputOrder[block], first = gate * _hiddenSize;
            for (int j = 0; j < _hiddenSize; j++)
                Bias[block * _stride + j] = gate == _cell.SeparateGate ? InputBias.Value[first + j] : InputBias.Value[first + j] + RecurrentBias.Value[first + j];
        }

        for (int block = 0; block < _cell.RecurrentOrder.Length; block++)
        {
            if (_cell.RecurrentOrder[block] == _cell.SeparateGate)
                Memory.Copy(RecurrentBias.Value + (long)_cell.RecurrentOrder[block] * _hiddenSize, SeparateBias + block * _stride, _hiddenSize);
        }
    }
}
