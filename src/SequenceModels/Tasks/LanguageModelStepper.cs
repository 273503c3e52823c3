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
    private readonly NativeBuffer _input;
    private readonly NativeBuffer _recurrent;
    private readonly NativeBuffer[] _hidden;
    private readonly NativeBuffer[] _cells;
    private readonly NativeBuffer _logits;

    public LanguageModelStepper(KernelSet kernels, TokenEncoderWeights encoder, LinearWeights output, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        (_kernels, _encoder, _output, Rows) = (kernels, encoder, output, rows);
        var first = encoder.Layers[0];
        _input = new NativeBuffer((long)rows * first.InputStride);
        _recurrent = new NativeBuffer((long)rows * first.RecurrentStride);
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
        _input.Dispose();
        _recurrent.Dispose();
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
            int stride = weights.Stride, rows = end - start;
            float* recurrent = _recurrent.Pointer + (long)start * weights.RecurrentStride, hidden = _hidden[layer].Pointer + (long)start * stride;
            float* cells = weights.Cell.HasCellState ? _cells[layer].Pointer + (long)start * stride : null;
            _kernels.Product(hidden, stride, 1, rows, weights.HiddenSize, weights[0].Recurrent.Pointer, weights.RecurrentStride, weights[0].SeparateBias, 0, recurrent, weights.RecurrentStride, true);
            fixed (int* token = &tokens[start])
            {
                var step = new CellStep
                {
                    Rows = rows,
                    EndUnit = stride,
                    Stride = stride,
                    InputStride = weights.InputStride,
                    Recurrent = recurrent,
                    RecurrentStride = weights.RecurrentStride,
                    PreviousHidden = hidden,
                    Hidden = hidden,
                    HiddenStride = stride,
                    PreviousCell = cells,
                    Cell = cells,
                };
                if (layer == 0 && _encoder.Table is { } table)
                {
                    step.Input = table.Products(0);
                    step.Tokens = token;
                }
                else
                {
                    step.Input = ProjectInput(layer, token, start, rows);
                }

                weights.Cell.Kernels(_kernels).Forward(step);
            }
        }

        int top = _encoder.Layers[^1].Stride;
        _kernels.Product(
            _hidden[^1].Pointer + (long)start * top, top, 1, end - start, _output.Inputs, _output.Forward.Pointer, _output.Outputs, _output.PaddedBias, 0, _logits.Pointer + (long)start * _output.Stride, _output.Stride, true);
    }

    /// <summary>W_ih x + biases of a layer's rows, x being the layer below or, for the first, the tokens' embeddings.</summary>
    private float* ProjectInput(int layer, int* tokens, int start, int rows)
    {
        var weights = _encoder.Layers[layer];
        float* input = _input.Pointer + (long)start * weights.InputStride;
        int size = weights.InputSize;
        if (layer > 0)
        {
            int below = _encoder.Layers[layer - 1].Stride;
            _kernels.Product(_hidden[layer - 1].Pointer + (long)start * below, below, 1, rows, size, weights[0].Input.Pointer, weights.InputStride, weights[0].Bias, 0, input, weights.InputStride, true);
            return input;
        }

        for (int row = 0; row < rows; row++)
        {
            _kernels.Product(
                _encoder.Embedding.Value + (long)tokens[row] * size, size, 1, 1, size, weights[0].Input.Pointer, weights.InputStride, weights[0].Bias, 0, input + (long)row * weights.InputStride, weights.InputStride, true);
        }

        return input;
    }
}
