using System.Numerics.Tensors;
using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// One LSTM layer over a batch of sequences, one or two directions (docs/equations.md). Each member of the team runs its rows of the batch through
/// all time steps: rows are independent, so the time loop needs no synchronisation.
/// Rows past their length carry their state unchanged and give zero outputs (PyTorch's packed sequences).
/// </summary>
internal sealed unsafe class LstmLayer
{
    private readonly LstmWeights _weights;
    private readonly ComputeContext _context;
    private readonly Trace[] _traces;
    private readonly Action<int> _projectInput;
    private readonly Action<int> _runForward;
    private readonly Action<int> _runBackward;
    private readonly Action<int> _addGradients;
    private SequenceShape _shape = new(1, 1);
    private LayerInput _input;
    private float* _initialHidden;
    private float* _initialCell;
    private float* _output;
    private float* _outputGradient;
    private float* _inputGradient;
    private bool _training;
    private float* _packing;

    public LstmLayer(LstmWeights weights, ComputeContext context)
    {
        _weights = weights;
        _context = context;
        _traces = new Trace[weights.Directions];
        _projectInput = ProjectInput;
        _runForward = RunForward;
        _runBackward = RunBackward;
        _addGradients = AddGradients;
    }

    /// <summary>Components of an output step: D x H.</summary>
    public int OutputSize => _weights.Directions * _weights.HiddenSize;

    /// <summary>
    /// Runs all sequences. What the backward pass needs stays in the workspace.
    /// </summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="input">[T,B,I] values, or tokens and a table of their input products.</param>
    /// <param name="initialHidden">[D,B,H] h before the first step of each row; <c>null</c>: 0.</param>
    /// <param name="initialCell">[D,B,H] c likewise.</param>
    /// <param name="output">[T,B,D x H] receives the hidden states, zeros past each row's length.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    public void Forward(SequenceShape shape, in LayerInput input, float* initialHidden, float* initialCell, float* output, bool training)
    {
        _shape = shape;
        _input = input;
        _output = output;
        _training = training;
        _initialHidden = initialHidden;
        _initialCell = initialCell;
        int stride = _weights.Stride;
        var workspace = _context.Workspace;
        long rows = shape.Rows, states = rows + shape.Batch;
        foreach (ref var trace in _traces.AsSpan())
        {
            trace.Gates = workspace.Allocate(rows * _weights.GateStride);
            trace.Hidden = workspace.Allocate(states * stride);
            trace.Cell = workspace.Allocate(states * stride);
            trace.CellTanh = training ? workspace.Allocate(rows * stride) : null;
        }

        if (input.Tokens is null)
            _context.Team.Run(_projectInput);
        _context.Team.Run(_runForward);
    }

    /// <summary>Copies the state after each row's last step, [D,B,H], to <paramref name="hidden"/> and <paramref name="cell"/>. After <see cref="Forward"/>.</summary>
    public void CopyFinalState(float* hidden, float* cell)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride, batch = _shape.Batch;
        for (int d = 0; d < _traces.Length; d++)
        {
            long last = (long)(d == 0 ? _shape.Time : 0) * batch * stride;
            for (int b = 0; b < batch; b++)
            {
                Memory.Copy(_traces[d].Hidden + last + (long)b * stride, hidden + ((long)d * batch + b) * h, h);
                Memory.Copy(_traces[d].Cell + last + (long)b * stride, cell + ((long)d * batch + b) * h, h);
            }
        }
    }

    /// <summary>
    /// Back-propagates through all steps of the last <see cref="Forward"/>. Adds to the gradients of the parameters (and of the token table); overwrites the others.
    /// </summary>
    /// <param name="outputGradient">[T,B,D x H] dL/d output.</param>
    /// <param name="inputGradient">[T,B,I] receives dL/d input, or <c>null</c> where nobody wants it. <c>null</c> for tokens.</param>
    /// <param name="finalHidden">[D,B,H] dL/d final hidden state, overwritten with dL/d initial hidden state; <c>null</c>: 0 and not wanted.</param>
    /// <param name="finalCell">[D,B,H] likewise for the cell.</param>
    public void Backward(float* outputGradient, float* inputGradient, float* finalHidden, float* finalCell)
    {
        _outputGradient = outputGradient;
        _inputGradient = inputGradient;
        int stride = _weights.Stride, h = _weights.HiddenSize, batch = _shape.Batch;
        var workspace = _context.Workspace;
        for (int d = 0; d < _traces.Length; d++)
        {
            ref var trace = ref _traces[d];
            trace.HiddenGradient = workspace.AllocateZeroed((long)batch * stride);
            trace.CellGradient = workspace.AllocateZeroed((long)batch * stride);
            for (int b = 0; b < batch && finalHidden is not null; b++)
            {
                Memory.Copy(finalHidden + ((long)d * batch + b) * h, trace.HiddenGradient + (long)b * stride, h);
                Memory.Copy(finalCell + ((long)d * batch + b) * h, trace.CellGradient + (long)b * stride, h);
            }
        }

        _context.Team.Run(_runBackward);
        int widest = Math.Max(_weights.HiddenSize, _input.Tokens is null ? _weights.InputSize : 0);
        _packing = workspace.Allocate(_context.Team.Size * PackingLength(widest));
        _context.Team.Run(_addGradients);
        for (int d = 0; d < _traces.Length && finalHidden is not null; d++)
        {
            for (int b = 0; b < batch; b++)
            {
                Memory.Copy(_traces[d].HiddenGradient + (long)b * stride, finalHidden + ((long)d * batch + b) * h, h);
                Memory.Copy(_traces[d].CellGradient + (long)b * stride, finalCell + ((long)d * batch + b) * h, h);
            }
        }
    }

    private static long PackingLength(int columns) => PackedMatrix.Size(TransposedProduct.DepthBlock, columns);

    /// <summary>gamma = W_ih x + b_ih + b_hh for all time steps at once.</summary>
    private void ProjectInput(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Rows);
        int size = _weights.InputSize, gates = _weights.GateStride;
        for (int d = 0; d < _traces.Length && start < end; d++)
        {
            var direction = _weights[d];
            _context.Kernels.Product(
                _input.Values + (long)start * size, size, 1, end - start, size, direction.Input.Pointer, gates, direction.Bias, 0, _traces[d].Gates + (long)start * gates, gates, true);
        }
    }

    private void RunForward(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Batch);
        for (int d = 0; d < _traces.Length && start < end; d++)
        {
            LoadInitialState(d, start, end);
            for (int step = 0; step < _shape.Time; step++)
                StepForward(d, d == 0 ? step : _shape.Time - 1 - step, start, end);
        }
    }

    /// <summary>States stand one slot apart in time order: forwards, step t reads slot t and writes t + 1; backwards it reads t + 1 and writes t.</summary>
    private (long Previous, long Next) Slots(int direction, int time)
    {
        long slot = (long)_shape.Batch * _weights.Stride;
        return direction == 0 ? (time * slot, (time + 1) * slot) : ((time + 1) * slot, time * slot);
    }

    private void LoadInitialState(int d, int start, int end)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride;
        long slot = Slots(d, d == 0 ? 0 : _shape.Time - 1).Previous;
        for (int b = start; b < end; b++)
        {
            float* hidden = _traces[d].Hidden + slot + (long)b * stride, cell = _traces[d].Cell + slot + (long)b * stride;
            Memory.Clear(hidden, stride);
            Memory.Clear(cell, stride);
            if (_initialHidden is null)
                continue;
            Memory.Copy(_initialHidden + ((long)d * _shape.Batch + b) * h, hidden, h);
            Memory.Copy(_initialCell + ((long)d * _shape.Batch + b) * h, cell, h);
        }
    }

    private void StepForward(int d, int time, int start, int end)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride, gateStride = _weights.GateStride, outputSize = OutputSize;
        ref var trace = ref _traces[d];
        var (previous, next) = Slots(d, time);
        int active = _shape.ActiveEnd(time, start, end);
        long row = (long)time * _shape.Batch;
        float* gates = trace.Gates + row * gateStride;
        if (_input.Tokens is not null)
        {
            for (int b = start; b < active; b++)
                Memory.Copy(_input.Table(d) + (long)_input.Tokens[row + b] * gateStride, gates + (long)b * gateStride, gateStride);
        }

        // gamma += W_hh h_prev
        if (active > start)
        {
            float* from = gates + (long)start * gateStride;
            _context.Kernels.Product(
                trace.Hidden + previous + (long)start * stride, stride, 1, active - start, h, _weights[d].Recurrent.Pointer, gateStride, from, gateStride, from, gateStride, true);
        }

        for (int b = start; b < end; b++)
        {
            float* output = _output + (row + b) * outputSize + d * h;
            long from = previous + (long)b * stride, to = next + (long)b * stride;
            if (_shape.Has(time, b))
            {
                _context.Kernels.LstmForward(
                    gates + (long)b * gateStride, trace.Cell + from, trace.Cell + to, _training ? trace.CellTanh + (row + b) * stride : null, trace.Hidden + to, stride);
                Memory.Copy(trace.Hidden + to, output, h);
            }
            else
            {
                Memory.Copy(trace.Hidden + from, trace.Hidden + to, stride);
                Memory.Copy(trace.Cell + from, trace.Cell + to, stride);
                Memory.Clear(output, h);
                if (_training)
                    Memory.Clear(gates + (long)b * gateStride, gateStride);
            }
        }
    }

    private void RunBackward(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Batch);
        for (int d = 0; d < _traces.Length && start < end; d++)
        {
            for (int step = _shape.Time - 1; step >= 0; step--)
                StepBackward(d, d == 0 ? step : _shape.Time - 1 - step, start, end);
        }
    }

    private void StepBackward(int d, int time, int start, int end)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride, gateStride = _weights.GateStride;
        ref var trace = ref _traces[d];
        long previous = Slots(d, time).Previous, row = (long)time * _shape.Batch;
        int active = _shape.ActiveEnd(time, start, end);
        for (int b = start; b < active; b++)
        {
            if (!_shape.Has(time, b))
                continue; // its gate gradients are zero already, its state's gradients go on as they are
            float* carried = trace.HiddenGradient + (long)b * stride;
            var dh = new Span<float>(carried, h);
            TensorPrimitives.Add(dh, new ReadOnlySpan<float>(_outputGradient + (row + b) * OutputSize + d * h, h), dh);
            _context.Kernels.LstmBackward(
                trace.Gates + (row + b) * gateStride, trace.Cell + previous + (long)b * stride, trace.CellTanh + (row + b) * stride, carried, trace.CellGradient + (long)b * stride, stride);
            Memory.Clear(carried, stride);
        }

        // dh_prev += W_hh^T dgamma
        if (active > start)
        {
            float* carried = trace.HiddenGradient + (long)start * stride;
            _context.Kernels.Product(
                trace.Gates + (row + start) * gateStride, gateStride, 1, active - start, gateStride, _weights[d].RecurrentBackward!.Pointer, h, carried, stride, carried, stride, true);
        }
    }

    /// <summary>All that is left once the gate gradients of every step are known. Split over rows of the weights or of the input, never over a sum.</summary>
    private void AddGradients(int member)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride, gateStride = _weights.GateStride, inputSize = _weights.InputSize;
        float* packing = _packing + member * PackingLength(Math.Max(h, _input.Tokens is null ? inputSize : 0));
        for (int d = 0; d < _traces.Length; d++)
        {
            ref var trace = ref _traces[d];
            var direction = _weights[d];

            // dW_hh += sum over t of dgamma_t h_(t-1)^T
            float* previous = trace.Hidden + Slots(d, 0).Previous;
            var gradients = new GatedGradient(trace.Gates, gateStride, stride, h, _shape.Rows);
            TransposedProduct.AddShare(_context, member, gradients, previous, stride, h, direction.RecurrentWeight.Gradient, packing);
            if (_input.Tokens is null)
                TransposedProduct.AddShare(_context, member, gradients, _input.Values, inputSize, inputSize, direction.InputWeight.Gradient, packing);
            AddBiases(member, d);
            if (_input.Tokens is not null)
                AddToTable(member, d);
        }

        if (_inputGradient is null)
            return;
        var (start, end) = _context.Team.Share(member, _shape.Rows);
        for (int d = 0; d < _traces.Length && start < end; d++)
        {
            // dx = W_ih^T dgamma, the second direction added to the first
            float* destination = _inputGradient + (long)start * inputSize;
            _context.Kernels.Product(
                _traces[d].Gates + (long)start * gateStride, gateStride, 1, end - start, gateStride, _weights[d].InputBackward!.Pointer, inputSize, d == 0 ? null : destination, inputSize, destination, inputSize, false);
        }
    }

    /// <summary>db += sum over t of dgamma_t, for both biases.</summary>
    private void AddBiases(int member, int d)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride, gateStride = _weights.GateStride;
        var (start, end) = _context.Team.Share(member, gateStride, 16);
        if (start >= end)
            return;
        float* sums = stackalloc float[end - start];
        Memory.Clear(sums, end - start);
        for (long row = 0; row < _shape.Rows; row++)
            _context.Kernels.Add(_traces[d].Gates + row * gateStride + start, sums, end - start);
        for (int column = start; column < end; column++)
        {
            int gate = column / stride, unit = column % stride;
            if (unit >= h)
                continue;
            _weights[d].InputBias.Gradient[gate * h + unit] += sums[column - start];
            _weights[d].RecurrentBias.Gradient[gate * h + unit] += sums[column - start];
        }
    }

    /// <summary>The gate gradients summed by token, in the order of the rows.</summary>
    private void AddToTable(int member, int d)
    {
        int gateStride = _weights.GateStride;
        var (start, end) = _context.Team.Share(member, gateStride, 16);
        if (start >= end)
            return;
        for (int time = 0; time < _shape.Time; time++)
        {
            for (int b = 0; b < _shape.Batch; b++)
            {
                long row = (long)time * _shape.Batch + b;
                if (_shape.Has(time, b))
                    _context.Kernels.Add(_traces[d].Gates + row * gateStride + start, _input.TableGradient(d) + (long)_input.Tokens[row] * gateStride + start, end - start);
            }
        }
    }

    /// <summary>One direction's activations of a forward pass, in the workspace.</summary>
    private struct Trace
    {
        public float* Gates; // [T,B,4 stride] gates, then their gradients
        public float* Hidden; // [T+1,B,stride]
        public float* Cell; // [T+1,B,stride]
        public float* CellTanh; // [T,B,stride]
        public float* HiddenGradient; // [B,stride] carried backwards
        public float* CellGradient; // [B,stride] carried backwards
    }
}
