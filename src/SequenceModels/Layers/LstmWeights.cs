using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// The parameters of one LSTM layer (one or two directions) and the packed copies that the kernels read. Shared by all that compute with them;
/// packed anew after each change of the parameters.
/// Gates are padded: gate g of unit j stands in column g x <see cref="Stride"/> + j, columns of padding hold zeros.
/// </summary>
internal sealed unsafe class LstmWeights : IDisposable
{
    private const int Gates = 4;
    private readonly Direction[] _directions;
    private Action<int>? _packShare;
    private ThreadTeam? _team;
    private bool _packBackward;

    /// <summary>Finds the layer's parameters by PyTorch's names.</summary>
    /// <param name="parameters">The network's parameters.</param>
    /// <param name="prefix">Name of the stack, for example <c>rnn</c>.</param>
    /// <param name="layer">Number of the layer, from 0.</param>
    /// <param name="inputSize">I, components of an input step.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="bidirectional">Whether there is a backward direction.</param>
    public LstmWeights(ParameterSet parameters, string prefix, int layer, int inputSize, int hiddenSize, bool bidirectional)
    {
        InputSize = inputSize;
        HiddenSize = hiddenSize;
        Stride = PackedMatrix.PaddedColumns(hiddenSize);
        _directions = new Direction[bidirectional ? 2 : 1];
        for (int d = 0; d < _directions.Length; d++)
            _directions[d] = new Direction(parameters, prefix, layer, d == 1, inputSize, hiddenSize, Stride);
    }

    public int InputSize { get; }

    public int HiddenSize { get; }

    /// <summary>H rounded up to 16.</summary>
    public int Stride { get; }

    /// <summary>Floats of one row of gates: 4 x <see cref="Stride"/>.</summary>
    public int GateStride => Gates * Stride;

    public int Directions => _directions.Length;

    /// <summary>Floats held in packed copies.</summary>
    public long PackedLength => _directions.Sum(d => d.Input.Length + d.Recurrent.Length + (d.InputBackward?.Length ?? 0) + (d.RecurrentBackward?.Length ?? 0));

    public Direction this[int direction] => _directions[direction];

    /// <summary>Names and shapes of the layer's parameters, in PyTorch's order.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Shapes(string prefix, int layer, int inputSize, int hiddenSize, bool bidirectional)
    {
        for (int d = 0; d < (bidirectional ? 2 : 1); d++)
        {
            string suffix = Suffix(layer, d == 1);
            yield return ($"{prefix}.weight_ih{suffix}", [Gates * hiddenSize, inputSize]);
            yield return ($"{prefix}.weight_hh{suffix}", [Gates * hiddenSize, hiddenSize]);
            yield return ($"{prefix}.bias_ih{suffix}", [Gates * hiddenSize]);
            yield return ($"{prefix}.bias_hh{suffix}", [Gates * hiddenSize]);
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
        team.Run(_packShare ??= PackShare);
    }

    public void Dispose()
    {
        foreach (var direction in _directions)
            direction.Dispose();
    }

    private static string Suffix(int layer, bool reverse) => reverse ? $"_l{layer}_reverse" : $"_l{layer}";

    private void PackShare(int member)
    {
        int units = Directions * Gates;
        for (int unit = member; unit < units; unit += _team!.Size)
            _directions[unit / Gates].PackGate(unit % Gates, _packBackward);
    }

    /// <summary>One direction's parameters and packed copies.</summary>
    internal sealed class Direction : IDisposable
    {
        private readonly int _inputSize;
        private readonly int _hiddenSize;
        private readonly int _stride;
        private readonly NativeBuffer _bias;

        public Direction(ParameterSet parameters, string prefix, int layer, bool reverse, int inputSize, int hiddenSize, int stride)
        {
            string suffix = Suffix(layer, reverse);
            (_inputSize, _hiddenSize, _stride) = (inputSize, hiddenSize, stride);
            InputWeight = parameters[$"{prefix}.weight_ih{suffix}"];
            RecurrentWeight = parameters[$"{prefix}.weight_hh{suffix}"];
            InputBias = parameters[$"{prefix}.bias_ih{suffix}"];
            RecurrentBias = parameters[$"{prefix}.bias_hh{suffix}"];
            Input = new PackedMatrix(inputSize, Gates * stride);
            Recurrent = new PackedMatrix(hiddenSize, Gates * stride);
            _bias = new NativeBuffer(Gates * stride);
        }

        public Parameter InputWeight { get; }

        public Parameter RecurrentWeight { get; }

        public Parameter InputBias { get; }

        public Parameter RecurrentBias { get; }

        /// <summary>[I, 4 stride]: input to gates.</summary>
        public PackedMatrix Input { get; }

        /// <summary>[H, 4 stride]: previous hidden state to gates.</summary>
        public PackedMatrix Recurrent { get; }

        /// <summary>[4 stride, I]: gate gradients to input gradient.</summary>
        public PackedMatrix? InputBackward { get; private set; }

        /// <summary>[4 stride, H]: gate gradients to gradient of the previous hidden state.</summary>
        public PackedMatrix? RecurrentBackward { get; private set; }

        /// <summary>[4 stride]: the sum of the two biases.</summary>
        public float* Bias => _bias.Pointer;

        public void PrepareBackward()
        {
            InputBackward ??= new PackedMatrix(Gates * _stride, _inputSize);
            RecurrentBackward ??= new PackedMatrix(Gates * _stride, _hiddenSize);
        }

        public void PackGate(int gate, bool backward)
        {
            int h = _hiddenSize, first = gate * _stride;
            float* input = InputWeight.Value + (long)gate * h * _inputSize;
            float* recurrent = RecurrentWeight.Value + (long)gate * h * h;
            Input.Pack(input, 1, _inputSize, 0, _inputSize, first, h);
            Recurrent.Pack(recurrent, 1, h, 0, h, first, h);
            for (int j = 0; j < h; j++)
                Bias[first + j] = InputBias.Value[gate * h + j] + RecurrentBias.Value[gate * h + j];
            if (!backward)
                return;
            InputBackward!.Pack(input, _inputSize, 1, first, h, 0, _inputSize);
            RecurrentBackward!.Pack(recurrent, h, 1, first, h, 0, h);
        }

        public void Dispose()
        {
            Input.Dispose();
            Recurrent.Dispose();
            InputBackward?.Dispose();
            RecurrentBackward?.Dispose();
            _bias.Dispose();
        }
    }
}
