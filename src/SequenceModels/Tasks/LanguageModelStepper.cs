using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Sampling;
using SequenceModels.Tensors;

namespace SequenceModels.Tasks;

/// <summary>The carried state of several texts, one token a step. Each row's bits are the same whatever rows stand beside it.</summary>
internal sealed unsafe class LanguageModelStepper : ITokenStepper
{
    private readonly KernelSet _kernels;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly NativeBuffer _gates;
    private readonly NativeBuffer[] _hidden;
    private readonly NativeBuffer[] _cells;
    private readonly NativeBuffer _logits;

    public LanguageModelStepper(KernelSet kernels, TokenEncoderWeights encoder, LinearWeights output, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        (_kernels, _encoder, _output, Rows) = (kernels, encoder, output, rows);
        var first = encoder.Layers[0];
        _gates = new NativeBuffer((long)rows * first.GateStride);
        _hidden = [.. encoder.Layers.Select(layer => new NativeBuffer((long)rows * layer.Stride))];
        _cells = [.. encoder.Layers.Select(layer => new NativeBuffer((long)rows * layer.Stride))];
        _logits = new NativeBuffer((long)rows * output.Stride);
    }

    public int Rows { get; }

    public int VocabularySize => _output.Outputs;

    public void Step(ReadOnlySpan<int> tokens)
    {
        if (tokens.Length != Rows)
            throw new ArgumentException($"There are {tokens.Length} tokens for {Rows} rows.", nameof(tokens));
        foreach (int token in tokens)
        {
            if (token < -1 || token >= VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"Tokens lie in -1..{VocabularySize - 1}.");
        }

        // Runs of rows that step together share one product.
        for (int start = 0; start < Rows;)
        {
            int end = start;
            while (end < Rows && tokens[end] >= 0)
                end++;
            if (end > start)
                StepRows(tokens, start, end);
            start = end + 1;
        }
    }

    public ReadOnlySpan<float> Logits(int row) => _logits.Slice((long)row * _output.Stride, _output.Outputs);

    public void Dispose()
    {
        _gates.Dispose();
        _logits.Dispose();
        foreach (var buffer in _hidden)
            buffer.Dispose();
        foreach (var buffer in _cells)
            buffer.Dispose();
    }

    private void StepRows(ReadOnlySpan<int> tokens, int start, int end)
    {
        for (int layer = 0; layer < _encoder.Layers.Count; layer++)
        {
            var weights = _encoder.Layers[layer];
            int stride = weights.Stride, gateStride = weights.GateStride;
            float* gates = _gates.Pointer + (long)start * gateStride;
            float* hidden = _hidden[layer].Pointer + (long)start * stride;
            float* cells = _cells[layer].Pointer + (long)start * stride;
            if (layer > 0)
            {
                float* below = _hidden[layer - 1].Pointer + (long)start * stride;
                _kernels.Product(below, stride, 1, end - start, weights.InputSize, weights[0].Input.Pointer, gateStride, weights[0].Bias, 0, gates, gateStride, true);
            }
            else
            {
                for (int row = start; row < end; row++)
                    ProjectToken(tokens[row], _gates.Pointer + (long)row * gateStride);
            }

            _kernels.Product(hidden, stride, 1, end - start, weights.HiddenSize, weights[0].Recurrent.Pointer, gateStride, gates, gateStride, gates, gateStride, true);
            for (int row = 0; row < end - start; row++)
                _kernels.LstmForward(gates + (long)row * gateStride, cells + (long)row * stride, cells + (long)row * stride, null, hidden + (long)row * stride, stride);
        }

        int top = _encoder.Layers[^1].Stride;
        _kernels.Product(
            _hidden[^1].Pointer + (long)start * top, top, 1, end - start, _output.Inputs, _output.Forward.Pointer, _output.Outputs, _output.PaddedBias, 0, _logits.Pointer + (long)start * _output.Stride, _output.Stride, true);
    }

    private void ProjectToken(int token, float* gates)
    {
        var weights = _encoder.Layers[0];
        if (_encoder.Table is { } table)
        {
            Memory.Copy(table.Products(0) + (long)token * weights.GateStride, gates, weights.GateStride);
            return;
        }

        int size = weights.InputSize;
        _kernels.Product(_encoder.Embedding.Value + (long)token * size, size, 1, 1, size, weights[0].Input.Pointer, weights.GateStride, weights[0].Bias, 0, gates, weights.GateStride, true);
    }
}
