using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>The parameters of one direction of a recurrent layer and their packed copies.</summary>
internal sealed unsafe class DirectionWeights : IDisposable
{
    /// <summary>Parts that packing is cut into, each for one thread.</summary>
    public const int PackingPieces = 8;

    /// <summary>Gain, shift and mask of a normalisation.</summary>
    private const int NormalizationBlocks = 3;

    private readonly RecurrentCell _cell;
    private readonly int _inputSize;
    private readonly int _hiddenSize;
    private readonly int _stride;
    private readonly NativeBuffer _bias;
    private readonly NativeBuffer? _recurrentBias;
    private readonly NativeBuffer? _normalization;
    private readonly NativeBuffer? _further;

    public DirectionWeights(ParameterSet parameters, RecurrentCell cell, string prefix, string suffix, int inputSize, int hiddenSize)
    {
        (_cell, _inputSize, _hiddenSize, _stride) = (cell, inputSize, hiddenSize, PackedMatrix.PaddedColumns(hiddenSize));
        InputWeight = parameters[$"{prefix}.weight_ih{suffix}"];
        RecurrentWeight = parameters[$"{prefix}.weight_hh{suffix}"];
        Biases = [.. cell.Biases.Select(name => parameters[$"{prefix}.{name}{suffix}"])];
        InputGain = cell.InputGain is null ? null : parameters[$"{prefix}.{cell.InputGain}{suffix}"];
        Further = [.. cell.Further.Select(further => parameters[$"{prefix}.{further.Name}{suffix}"])];
        Input = new PackedMatrix(inputSize, cell.InputOrder.Length * _stride);
        Recurrent = new PackedMatrix(hiddenSize, cell.RecurrentOrder.Length * _stride);
        Inner = cell.InnerOrder.Length == 0 ? null : new PackedMatrix(hiddenSize, _stride);
        (InputProduct, RecurrentProduct) = (new InferenceMatrix(Input), new InferenceMatrix(Recurrent));
        InnerProduct = Inner is null ? null : new InferenceMatrix(Inner);
        _bias = new NativeBuffer(cell.InputOrder.Length * _stride);
        _recurrentBias = cell.SeparateGate is null ? null : new NativeBuffer(cell.RecurrentOrder.Length * _stride);
        _normalization = cell.InputGain is null ? null : new NativeBuffer(NormalizationBlocks * cell.InputOrder.Length * _stride);
        _further = cell.Further.Length == 0 ? null : new NativeBuffer((cell.FurtherBlocks + 1) * _stride);
    }

    public Parameter InputWeight { get; }

    public Parameter RecurrentWeight { get; }

    /// <summary>The recurrent weights with some of them dropped, which then stand for them; <c>null</c>: none is.</summary>
    public DroppedWeights? Dropped { get; set; }

    /// <summary>[gates x H,H] where the gradient of the recurrent weights that are in use is added to.</summary>
    public float* RecurrentGradient => Dropped is null ? RecurrentWeight.Gradient : Dropped.Gradients;

    /// <summary>Vectors [gates x H] that are added up.</summary>
    public Parameter[] Biases { get; }

    /// <summary>The gain of the input's normalised product, or <c>null</c> where it is not normalised by itself.</summary>
    public Parameter? InputGain { get; }

    /// <summary>What the cell's kernels read besides.</summary>
    public Parameter[] Further { get; }

    /// <summary>[I, blocks x S]: input to pre-activations.</summary>
    public PackedMatrix Input { get; }

    /// <summary>[H, blocks x S]: previous hidden state to pre-activations.</summary>
    public PackedMatrix Recurrent { get; }

    /// <summary>[H, S]: state after the reset to the candidate's pre-activation, for cells that have such a product.</summary>
    public PackedMatrix? Inner { get; }

    /// <summary>The product with <see cref="Input"/>, or with what it was lowered to.</summary>
    public InferenceMatrix InputProduct { get; }

    /// <summary>The product with <see cref="Recurrent"/>, or with what it was lowered to.</summary>
    public InferenceMatrix RecurrentProduct { get; }

    /// <summary>The product with <see cref="Inner"/>, or with what it was lowered to.</summary>
    public InferenceMatrix? InnerProduct { get; }

    /// <summary>[blocks x S, I]: gradients of pre-activations to input gradient.</summary>
    public PackedMatrix? InputBackward { get; private set; }

    /// <summary>[blocks x S, H]: gradients of pre-activations to gradient of the previous hidden state.</summary>
    public PackedMatrix? RecurrentBackward { get; private set; }

    /// <summary>[S, H]: gradient of the candidate's pre-activation to that of the state after the reset.</summary>
    public PackedMatrix? InnerBackward { get; private set; }

    /// <summary>[blocks x S]: the sum of the biases, the recurrent one of the separate gate left out; <c>null</c> where the product is normalised and they are its shift.</summary>
    public float* Bias => _normalization is null ? _bias.Pointer : null;

    /// <summary>[3 x blocks x S]: gain, shift and mask of the input's product where it is normalised, else <c>null</c>.</summary>
    public float* Normalization => _normalization is null ? null : _normalization.Pointer;

    /// <summary>[blocks x S]: what the kernels read besides, and a last block of 1 for units and 0 for padding; <c>null</c> where there is nothing.</summary>
    public float* Parameters => _further is null ? null : _further.Pointer;

    /// <summary>[blocks x S]: the separate gate's recurrent bias, or <c>null</c> where no gate is separate.</summary>
    public float* SeparateBias => _recurrentBias is null ? null : _recurrentBias.Pointer;

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => InputProduct.Bytes + RecurrentProduct.Bytes + (InnerProduct?.Bytes ?? 0)
        + sizeof(float) * ((InputBackward?.Length ?? 0) + (RecurrentBackward?.Length ?? 0) + (InnerBackward?.Length ?? 0));

    public void PrepareBackward()
    {
        InputBackward ??= new PackedMatrix(_cell.InputOrder.Length * _stride, _inputSize);
        RecurrentBackward ??= new PackedMatrix(_cell.RecurrentOrder.Length * _stride, _hiddenSize);
        if (Inner is not null)
            InnerBackward ??= new PackedMatrix(_stride, _hiddenSize);
    }

    /// <summary>Packs one of <see cref="PackingPieces"/> parts of everything.</summary>
    public void Pack(int piece, bool backward)
    {
        PackBlocks(InputWeight.Value, _cell.InputOrder, _inputSize, piece, Input, backward ? InputBackward : null);
        PackBlocks(Dropped is null ? RecurrentWeight.Value : Dropped.Values, _cell.RecurrentOrder, _hiddenSize, piece, Recurrent, backward ? RecurrentBackward : null);
        if (Inner is not null)
            PackBlocks(Dropped is null ? RecurrentWeight.Value : Dropped.Values, _cell.InnerOrder, _hiddenSize, piece, Inner, backward ? InnerBackward : null);
        if (piece == 0)
            PackVectors();
    }

    public void Dispose()
    {
        InputProduct.Dispose();
        RecurrentProduct.Dispose();
        InputBackward?.Dispose();
        RecurrentBackward?.Dispose();
        InnerProduct?.Dispose();
        InnerBackward?.Dispose();
        _bias.Dispose();
        _recurrentBias?.Dispose();
        _normalization?.Dispose();
        _further?.Dispose();
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

    private void PackVectors()
    {
        float* bias = _normalization is null ? _bias.Pointer : _normalization.Pointer + _bias.Length;
        for (int block = 0; block < _cell.InputOrder.Length; block++)
        {
            int gate = _cell.InputOrder[block], first = gate * _hiddenSize;
            for (int j = 0; j < _hiddenSize; j++)
            {
                float sum = 0;
                for (int i = 0; i < (gate == _cell.SeparateGate ? 1 : Biases.Length); i++)
                    sum += Biases[i].Value[first + j];
                bias[block * _stride + j] = sum;
            }
        }

        if (InputGain is not null)
        {
            Spread(InputGain, Normalization);
            Ones(Normalization + 2 * _bias.Length, _cell.InputOrder.Length);
        }

        for (int block = 0; block < _cell.RecurrentOrder.Length; block++)
        {
            if (_cell.RecurrentOrder[block] == _cell.SeparateGate)
                Memory.Copy(Biases[1].Value + (long)_cell.RecurrentOrder[block] * _hiddenSize, SeparateBias + block * _stride, _hiddenSize);
        }

        float* further = Parameters;
        for (int i = 0; i < Further.Length; i++)
        {
            Spread(Further[i], further);
            further += _cell.Further[i].Blocks * _stride;
        }

        if (further is not null)
            Ones(further, 1);
    }

    /// <summary>Blocks of H to blocks of S.</summary>
    private void Spread(Parameter parameter, float* padded)
    {
        for (int block = 0; block * _hiddenSize < parameter.Length; block++)
            Memory.Copy(parameter.Value + block * _hiddenSize, padded + block * _stride, _hiddenSize);
    }

    private void Ones(float* padded, int blocks)
    {
        for (int block = 0; block < blocks; block++)
            new Span<float>(padded + block * _stride, _hiddenSize).Fill(1);
    }
}
