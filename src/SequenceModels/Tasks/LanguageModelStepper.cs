using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Sampling;
using SequenceModels.Tensors;

namespace SequenceModels.Tasks;

/// <summary>
/// The carried state of several texts, one token a step. Each row's bits are the same whatever rows stand beside it, and on any number of threads. A team shares the units of the layers: the recurrent products of
/// all layers depend on the step before alone and come first; then the team meets once a layer.
/// </summary>
internal sealed unsafe class LanguageModelStepper : ITokenStepper
{
    /// <summary>Bytes of weights a step from which on a team pays: fewer pass through one core faster than threads meet (docs/precision.md).</summary>
    private const long LargeWeights = 2 << 20;

    private readonly KernelSet _kernels;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly RecurrentWeights[] _layers;
    private readonly CellKernels[] _cellKernels;
    private readonly CellKernels? _resetKernels;
    private readonly int[]? _labels;
    private readonly NativeBuffer? _embedded;
    private readonly NativeBuffer _input;
    private readonly NativeBuffer[] _recurrent;
    private readonly NativeBuffer[] _hidden;
    private readonly NativeBuffer[] _cells;
    private readonly NativeBuffer[] _outputs;
    private readonly NativeBuffer _projected;
    private readonly NativeBuffer _oldHidden;
    private readonly NativeBuffer _oldCells;
    private readonly NativeBuffer? _reset;
    private readonly NativeBuffer? _trace;
    private readonly NativeBuffer? _cellTanh;
    private readonly NativeBuffer _scales;
    private readonly NativeBuffer _logits;
    private readonly ThreadTeam? _team;
    private readonly SpinBarrier _barrier;
    private readonly Action<int> _stepShare;
    private int* _tokens;
    private int _start;
    private int _rows;

    /// <param name="kernels">The kernels.</param>
    /// <param name="encoder">Embedding and layers.</param>
    /// <param name="output">Output layer.</param>
    /// <param name="rows">Number of texts.</param>
    /// <param name="team">Threads that may help, for this stepper alone while it steps; <c>null</c>: none.</param>
    /// <param name="labels">Label of each text, for a network that reads them; otherwise <c>null</c>.</param>
    public LanguageModelStepper(KernelSet kernels, TokenEncoderWeights encoder, LinearWeights output, int rows, ThreadTeam? team = null, int[]? labels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        (_kernels, _encoder, _output, Rows) = (kernels, encoder, output, rows);
        (_labels, _embedded) = (labels, labels is null ? null : new NativeBuffer((long)rows * encoder.Embedding.Shape[1]));
        _layers = [.. encoder.Layers];
        _cellKernels = [.. _layers.Select(layer => layer.Cell.Kernels(kernels))];
        _input = new NativeBuffer((long)rows * _layers[0].InputStride);
        _recurrent = [.. _layers.Select(layer => new NativeBuffer((long)rows * layer.RecurrentStride))];
        _hidden = [.. _layers.Select(layer => new NativeBuffer((long)rows * layer.Stride))];
        _cells = [.. _layers.Select(layer => new NativeBuffer((long)rows * layer.Stride))];
        bool kept = encoder.Architecture.Zoneout > 0;
        (_oldHidden, _oldCells) = (new NativeBuffer(kept ? (long)rows * _layers[0].Stride : 0), new NativeBuffer(kept ? (long)rows * _layers[0].Stride : 0));
        _outputs = [.. _layers.Select((layer, index) => ChangesOutput(index) ? new NativeBuffer((long)rows * layer.Stride) : _hidden[index])];
        _projected = new NativeBuffer((long)rows * (output.Projection?.Stride ?? 0));
        var cell = _layers[0].Cell;
        _resetKernels = cell.ResetKernels(kernels);
        _reset = _resetKernels is null ? null : new NativeBuffer((long)rows * _layers[0].ResetStride);
        _trace = cell.WorksInTrace ? new NativeBuffer((long)rows * _layers[0].TraceStride) : null;
        _cellTanh = cell.WorksInTrace ? new NativeBuffer((long)rows * _layers[0].Stride) : null;
        _scales = new NativeBuffer(rows);
        _logits = new NativeBuffer((long)rows * output.Stride);
        Begin();
        int panels = _layers[0].Stride / PackedMatrix.PanelWidth;
        bool shareable = team is { Size: > 1 } && cell.UnitsAreApart && _layers[0].Stride % PackedMatrix.PanelWidth == 0 && panels >= team.Size;
        _team = shareable && WeightBytes(encoder, output) >= LargeWeights ? team : null;
        _barrier = new SpinBarrier(_team?.Size ?? 1);
        _stepShare = StepShare;
    }

    public int Rows { get; }

    public int VocabularySize => _output.Outputs;

    /// <summary>Whether a step of such a network is shared by a team.</summary>
    public static bool TeamPays(TokenEncoderWeights encoder, LinearWeights output) => encoder.Layers[0].Cell.UnitsAreApart && WeightBytes(encoder, output) >= LargeWeights;

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
        _embedded?.Dispose();
        _projected.Dispose();
        _oldHidden.Dispose();
        _oldCells.Dispose();
        _reset?.Dispose();
        _trace?.Dispose();
        _cellTanh?.Dispose();
        _scales.Dispose();
        _logits.Dispose();
        foreach (var buffer in _recurrent)
            buffer.Dispose();
        foreach (var buffer in _hidden)
            buffer.Dispose();
        foreach (var buffer in _outputs)
            buffer.Dispose();
        foreach (var buffer in _cells)
            buffer.Dispose();
    }

    // The products' weights are all read once a step.
    private static long WeightBytes(TokenEncoderWeights encoder, LinearWeights output) =>
        output.Product.Bytes + (output.Projection?.Product.Bytes ?? 0) + encoder.Layers.Select((layer, index) => layer[0].RecurrentProduct.Bytes + (layer[0].InnerProduct?.Bytes ?? 0) + (index == 0 && encoder.Table is not null ? 0 : layer[0].InputProduct.Bytes)).Sum();

    private void StepRows(ReadOnlySpan<int> tokens, int start, int end)
    {
        fixed (int* token = &tokens[start])
        {
            _tokens = token;
            (_start, _rows) = (start, end - start);
            AddLabels();
            if (_team is null)
                StepShare(0);
            else
                _team.Run(_stepShare);
        }
    }

    /// <summary>The rows' embeddings, with those of their labels, as <see cref="LabelEmbedding"/> adds them.</summary>
    private void AddLabels()
    {
        int size = _encoder.Embedding.Shape[1];
        for (int row = 0; row < _rows && _embedded is not null; row++)
        {
            float* token = _encoder.Embedding.Value + (long)_tokens[row] * size, label = _encoder.LabelEmbedding!.Value + (long)_labels![_start + row] * size;
            for (int j = 0; j < size; j++)
                _embedded.Pointer[(long)row * size + j] = token[j] + label[j];
        }
    }

    private void StepShare(int member)
    {
        int stride = _layers[0].Stride;
        var (first, end) = _team?.Share(member, stride, PackedMatrix.PanelWidth) ?? (0, stride);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            var weights = _layers[layer];
            Multiply(weights[0].RecurrentProduct, Hidden(layer), stride, _rows, weights[0].SeparateBias, Recurrent(layer), weights.RecurrentColumns, weights.RecurrentStride, first, end, stride);
        }

        // From here on no state of the step before is read but by the cell that it belongs to.
        _barrier.SignalAndWait();
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            RunCell(layer, first, end);
            _barrier.SignalAndWait();
            if (!ChangesOutput(layer))
                continue;
            if (member == 0)
                MakeOutput(layer);
            _barrier.SignalAndWait();
        }

        float* read = Output(_layers.Length - 1);
        if (_output.Projection is { } projection)
        {
            float* projected = _projected.Pointer + (long)_start * projection.Stride;
            MultiplyOutput(projection, member, read, stride, projected);
            _barrier.SignalAndWait();
            read = projected;
            stride = projection.Stride;
        }

        MultiplyOutput(_output, member, read, stride, _logits.Pointer + (long)_start * _output.Stride);
    }

    /// <summary>A member's part of W x + b.</summary>
    private void MultiplyOutput(LinearWeights weights, int member, float* read, int readStride, float* result)
    {
        int outputs = weights.Stride;
        var (first, end) = _team?.Share(member, outputs, PackedMatrix.PanelWidth) ?? (0, outputs);
        if (first < end)
            weights.Product.Run(_kernels, read, readStride, _rows, weights.PaddedBias, result, outputs, first, end - first);
    }

    /// <summary>All rows at the beginning of a text.</summary>
    private void Begin()
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            int size = _layers[layer].HiddenSize, stride = _layers[layer].Stride;
            for (int row = 0; row < Rows; row++)
            {
                if (_encoder.InitialHidden is { } hidden)
                    Memory.Copy(hidden.Value + (long)layer * size, _hidden[layer].Pointer + (long)row * stride, size);
                if (_encoder.InitialCell is { } cell)
                    Memory.Copy(cell.Value + (long)layer * size, _cells[layer].Pointer + (long)row * stride, size);
            }
        }
    }

    /// <summary>Whether what is read of a layer is something else than its state.</summary>
    private bool ChangesOutput(int layer) => _encoder.Norms.Count > 0 || LayerOutput.IsResidual(_encoder, layer);

    /// <summary>y = LN(h + x) as <see cref="LayerOutput"/> has it.</summary>
    private void MakeOutput(int layer)
    {
        int stride = _layers[layer].Stride, size = _layers[layer].HiddenSize;
        float* sum = Output(layer);
        if (LayerOutput.IsResidual(_encoder, layer))
            _kernels.Sum(Hidden(layer), Output(layer - 1), sum, (long)_rows * stride);
        else
            Memory.Copy(Hidden(layer), sum, (long)_rows * stride);
        if (_encoder.Norms.Count > 0)
            _kernels.LayerNormForward(sum, _rows, size, stride, _encoder.Norms[layer].Gain.Value, _encoder.Norms[layer].Shift.Value, LayerOutput.Epsilon, sum, null);
    }

    private float* Hidden(int layer) => _hidden[layer].Pointer + (long)_start * _layers[layer].Stride;

    /// <summary>What is read of a layer.</summary>
    private float* Output(int layer) => _outputs[layer].Pointer + (long)_start * _layers[layer].Stride;

    private float* Recurrent(int layer) => _recurrent[layer].Pointer + (long)_start * _layers[layer].RecurrentStride;

    /// <summary>Units first to end of all blocks of a product.</summary>
    private void Multiply(InferenceMatrix matrix, float* a, nint rowStride, int rows, float* bias, float* c, int columns, int resultStride, int first, int end, int stride)
    {
        // All units at once: their blocks need not be whole panels.
        if (end - first == stride)
        {
            matrix.Run(_kernels, a, rowStride, rows, bias, c, resultStride, 0, columns);
            return;
        }

        for (int column = first; column < columns; column += stride)
            matrix.Run(_kernels, a, rowStride, rows, bias, c, resultStride, column, end - first);
    }

    private void RunCell(int layer, int first, int end)
    {
        var weights = _layers[layer];
        int stride = weights.Stride;
        float* hidden = Hidden(layer), cells = weights.Cell.HasCellState ? _cells[layer].Pointer + (long)_start * stride : null;
        var step = new CellStep
        {
            Rows = _rows,
            FirstUnit = first,
            EndUnit = end,
            Stride = stride,
            Units = weights.HiddenSize,
            InputStride = weights.InputStride,
            Recurrent = Recurrent(layer),
            RecurrentStride = weights.RecurrentStride,
            PreviousHidden = hidden,
            Hidden = hidden,
            HiddenStride = stride,
            Reset = _reset is null ? null : _reset.Pointer,
            ResetStride = weights.ResetStride,
            Parameters = weights[0].Parameters,
            Trace = _trace is null ? null : _trace.Pointer,
            TraceStride = weights.TraceStride,
            CellTanh = _cellTanh is null ? null : _cellTanh.Pointer,
            PreviousCell = cells,
            Cell = cells,
        };
        if (layer == 0 && _encoder.Table is { } table)
        {
            step.Input = table.Products(0);
            step.Tokens = _tokens;
        }
        else
        {
            step.Input = ProjectInput(layer, first, end);
        }

        if (_resetKernels is not null)
            Reset(layer, step);
        if (_encoder.Architecture.Zoneout <= 0)
        {
            _cellKernels[layer].Forward(step);
            return;
        }

        // The expectation of states that stay as they are (docs/equations.md, 16.4).
        float* oldHidden = Old(_oldHidden, hidden, layer, first, end), oldCells = cells is null ? null : Old(_oldCells, cells, layer, first, end);
        _cellKernels[layer].Forward(step);
        float rate = (float)_encoder.Architecture.Zoneout;
        for (int row = 0; row < _rows; row++)
        {
            long at = (long)row * stride + first;
            _kernels.Blend(null, rate, oldHidden + at, hidden + at, end - first);
            if (cells is not null)
                _kernels.Blend(null, rate, oldCells + at, cells + at, end - first);
        }
    }

    /// <summary>A copy of some units' states.</summary>
    private float* Old(NativeBuffer memory, float* states, int layer, int first, int end)
    {
        int stride = _layers[layer].Stride;
        float* old = memory.Pointer + (long)_start * stride;
        for (int row = 0; row < _rows; row++)
            Memory.Copy(states + (long)row * stride + first, old + (long)row * stride + first, end - first);
        return old;
    }

    /// <summary>Gates ahead of the inner product, and that product, which needs the reset states of all units.</summary>
    private void Reset(int layer, in CellStep step)
    {
        var weights = _layers[layer];
        _resetKernels!.Forward(step);
        _barrier.SignalAndWait();
        weights[0].InnerProduct!.Run(
            _kernels, step.Reset, step.ResetStride, _rows, null, step.Recurrent + weights.RecurrentColumns, weights.RecurrentStride, step.FirstUnit, step.EndUnit - step.FirstUnit);
    }

    /// <summary>W_ih x + biases of a layer's rows and units, normalised where the cell wants it so, x being the layer below or, for the first, the tokens' embeddings.</summary>
    private float* ProjectInput(int layer, int first, int end)
    {
        var weights = _layers[layer];
        var direction = weights[0];
        int columns = weights.InputStride, stride = weights.Stride, size = weights.InputSize;
        float* input = _input.Pointer + (long)_start * columns;
        if (layer > 0)
        {
            Multiply(direction.InputProduct, Output(layer - 1), stride, _rows, direction.Bias, input, columns, columns, first, end, stride);
        }

        for (int row = 0; row < _rows && layer == 0; row++)
        {
            float* embedding = _embedded is null ? _encoder.Embedding.Value + (long)_tokens[row] * size : _embedded.Pointer + (long)row * size;
            Multiply(direction.InputProduct, embedding, size, 1, direction.Bias, input + (long)row * columns, columns, columns, first, end, stride);
        }

        if (weights.Cell.InputGain is not null)
            InputNormalization.Forward(_kernels, weights, 0, input, _rows, _scales.Pointer, input, columns);
        return input;
    }
}
