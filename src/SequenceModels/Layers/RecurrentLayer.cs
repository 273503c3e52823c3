using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// One recurrent layer of any cell over a batch of sequences, one or two directions (docs/equations.md). The team shares directions, rows or units (<see cref="TeamSplit"/>).
/// Rows past their length carry their state unchanged and give zero outputs (PyTorch's packed sequences).
/// </summary>
internal sealed unsafe partial class RecurrentLayer
{
    private readonly RecurrentWeights _weights;
    private readonly ComputeContext _context;
    private readonly CellKernels _cell;
    private readonly CellKernels? _reset;
    private readonly TeamSplit?[] _splits;
    private readonly Trace[] _traces;
    private readonly Action<int> _projectInput;
    private readonly Action<int> _runForward;
    private readonly Action<int> _runBackward;
    private readonly Action<int> _normalizeBackward;
    private readonly Action<int> _addGradients;
    private SequenceShape _shape = new(1, 1);
    private LayerInput _input;
    private float* _initialHidden;
    private float* _initialCell;
    private float* _hidden; // [T+2,B,HiddenStride]: h of step t in slot t + 1, the initial states around them
    private float* _output; // [T,B,D x H]
    private bool _training;

    public RecurrentLayer(RecurrentWeights weights, ComputeContext context)
    {
        _weights = weights;
        _context = context;
        _cell = weights.Cell.Kernels(context.Kernels);
        _reset = weights.Cell.ResetKernels(context.Kernels);
        _splits = new TeamSplit?[context.Team.Capacity + 1];
        _traces = new Trace[weights.Directions];
        _projectInput = ProjectInput;
        _runForward = RunForward;
        _runBackward = RunBackward;
        _normalizeBackward = NormalizeBackward;
        _addGradients = AddGradients;
    }

    /// <summary>Components of an output step: D x H.</summary>
    public int OutputSize => _weights.Directions * _weights.HiddenSize;

    private int HiddenStride => PackedMatrix.SpreadStride(_weights.Directions * _weights.Stride);

    /// <summary>Whether the hidden states are the output themselves: there is nothing between their rows, and no row ends early.</summary>
    private bool Dense => HiddenStride == OutputSize && _shape.Lengths is null;

    /// <summary>
    /// Runs all sequences. What the backward pass needs stays in the workspace.
    /// </summary>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="input">[T,B,I] values, or tokens and a table of their input products.</param>
    /// <param name="initialHidden">[D,B,H] h before the first step of each row; <c>null</c>: 0.</param>
    /// <param name="initialCell">[D,B,H] c likewise, for cells that have one.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    /// <param name="zoneout">Which states stay as they are.</param>
    /// <returns>[T,B,D x H] the hidden states, zeros past each row's length; in the workspace, not to be changed before the backward pass.</returns>
    public float* Forward(SequenceShape shape, in LayerInput input, float* initialHidden, float* initialCell, bool training, Zoneout zoneout = default)
    {
        _shape = shape;
        _input = input;
        _training = training;
        _zoneout = zoneout;
        _initialHidden = initialHidden;
        _initialCell = initialCell;
        int stride = _weights.Stride, batch = shape.Batch;
        var workspace = _context.Workspace;
        _hidden = workspace.Allocate((long)(shape.Time + 2) * batch * HiddenStride);
        _output = Dense ? _hidden + (long)batch * HiddenStride : workspace.Allocate((long)shape.Rows * OutputSize);
        foreach (ref var trace in _traces.AsSpan())
        {
            int steps = training ? shape.Rows : _weights.Cell.WorksInTrace ? batch : 0;
            trace.Blocks = steps > 0 ? workspace.Allocate((long)steps * _weights.TraceStride) : null;
            trace.Input = input.Tokens is not null ? null : training ? trace.Blocks : workspace.Allocate((long)shape.Rows * _weights.InputStride);
            trace.Recurrent = workspace.Allocate((long)batch * _weights.RecurrentStride);
            trace.Reset = _reset is null ? null : workspace.Allocate((long)(training ? shape.Rows : batch) * _weights.ResetStride);
            if (_weights.Cell.InputGain is not null && input.Tokens is null)
            {
                trace.Normal = training ? workspace.Allocate((long)shape.Rows * _weights.InputStride) : trace.Input;
                trace.Scales = workspace.Allocate(shape.Rows);
            }

            if (!_weights.Cell.HasCellState)
                continue;
            trace.Cell = workspace.Allocate((KeepsCells ? shape.Time + 1L : 1) * batch * stride);
            trace.CellTanh = steps > 0 ? workspace.Allocate((long)steps * stride) : null;
        }

        int members = _context.Team.Size;
        _splits[members] ??= new TeamSplit(members, _weights.Directions);
        if (input.Tokens is null)
            _context.Team.Run(_projectInput);
        _context.Team.Run(_runForward);
        return _output;
    }

    /// <summary>Copies the state after each row's last step, [D,B,H], to <paramref name="hidden"/> and <paramref name="cell"/>. After <see cref="Forward"/>.</summary>
    public void CopyFinalState(float* hidden, float* cell)
    {
        int h = _weights.HiddenSize, batch = _shape.Batch;
        for (int d = 0; d < _traces.Length; d++)
        {
            int last = d == 0 ? _shape.Time - 1 : 0;
            for (int b = 0; b < batch; b++)
            {
                Memory.Copy(HiddenAt(d, last) + (long)b * HiddenStride, hidden + ((long)d * batch + b) * h, h);
                if (_weights.Cell.HasCellState)
                    Memory.Copy(CellAt(d, last) + (long)b * _weights.Stride, cell + ((long)d * batch + b) * h, h);
            }
        }
    }

    /// <summary>The hidden states after a time step, row 0; rows stand <see cref="HiddenStride"/> apart.</summary>
    private float* HiddenAt(int d, int time) => _hidden + (long)(time + 1) * _shape.Batch * HiddenStride + d * _weights.Stride;

    /// <summary>The time step that a direction does before <paramref name="time"/>; one outside the sequence stands for the initial state.</summary>
    private static int Before(int d, int time) => d == 0 ? time - 1 : time + 1;

    /// <summary>The cell states after a time step. Forwards, step t has slot t + 1 of T + 1; backwards, slot t. Where no step looks back there is one slot.</summary>
    private float* CellAt(int d, int time) =>
        _traces[d].Cell + (KeepsCells ? (long)(d == 0 ? time + 1 : time) * _shape.Batch * _weights.Stride : 0);

    private TeamSplit.Share Share(int member) => _splits[_context.Team.Size]!.For(member, _shape.Batch, _weights.Stride, _weights[0].Recurrent.Length, _weights.Cell.UnitsAreApart);

    /// <summary>W_ih x + biases for all time steps at once, normalised where the cell wants it so.</summary>
    private void ProjectInput(int member)
    {
        var (start, end) = _context.Team.Share(member, _shape.Rows);
        int size = _weights.InputSize, columns = _weights.InputStride, stride = _training ? _weights.TraceStride : columns;
        for (int d = 0; d < _traces.Length && start < end; d++)
        {
            var direction = _weights[d];
            if (_weights.Cell.InputGain is not null)
            {
                NormalizeInput(d, start, end, stride);
                continue;
            }

            direction.InputProduct.Run(_context.Kernels, _input.Values + (long)start * size, size, end - start, direction.Bias, _traces[d].Input + (long)start * stride, stride, 0, columns);
        }
    }

    /// <summary>Products of some rows at a time, normalised while they are near.</summary>
    private void NormalizeInput(int d, int start, int end, int stride)
    {
        const int most = 96; // as the product blocks its rows
        int size = _weights.InputSize, columns = _weights.InputStride;
        for (int row = start; row < end; row += most)
        {
            int rows = Math.Min(most, end - row);
            float* product = _traces[d].Normal + (long)row * columns;
            _weights[d].InputProduct.Run(_context.Kernels, _input.Values + (long)row * size, size, rows, null, product, columns, 0, columns);
            InputNormalization.Forward(_context.Kernels, _weights, d, product, rows, _traces[d].Scales + row, _traces[d].Input + (long)row * stride, stride);
        }
    }

    private void RunForward(int member)
    {
        var share = Share(member);
        if (share.FirstRow == share.EndRow)
            return;
        for (int d = share.FirstDirection; d < share.EndDirection; d++)
        {
            LoadInitialState(d, share);
            share.Barrier?.SignalAndWait();
            for (int step = 0; step < _shape.Time; step++)
            {
                StepForward(d, d == 0 ? step : _shape.Time - 1 - step, share);
                share.Barrier?.SignalAndWait();
            }
        }
    }

    private void LoadInitialState(int d, in TeamSplit.Share share)
    {
        int h = _weights.HiddenSize, before = Before(d, d == 0 ? 0 : _shape.Time - 1), units = share.EndUnit - share.FirstUnit, real = Math.Min(share.EndUnit, h) - share.FirstUnit;
        for (int b = share.FirstRow; b < share.EndRow; b++)
        {
            float* hidden = HiddenAt(d, before) + (long)b * HiddenStride + share.FirstUnit;
            Memory.Clear(hidden, units);
            if (_initialHidden is not null)
                Memory.Copy(_initialHidden + ((long)d * _shape.Batch + b) * h + share.FirstUnit, hidden, real);
            if (!_weights.Cell.HasCellState)
                continue;
            float* cell = CellAt(d, before) + (long)b * _weights.Stride + share.FirstUnit;
            Memory.Clear(cell, units);
            if (_initialCell is not null)
                Memory.Copy(_initialCell + ((long)d * _shape.Batch + b) * h + share.FirstUnit, cell, real);
        }
    }

    private void StepForward(int d, int time, in TeamSplit.Share share)
    {
        int start = share.FirstRow, active = _shape.ActiveEnd(time, start, share.EndRow);
        if (active > start)
            MultiplyRecurrent(d, time, start, active, share);
        if (_reset is not null)
            ResetForward(d, time, active, share);
        for (int b = start; b < share.EndRow;)
        {
            int end = _shape.RunEnd(time, b, share.EndRow);
            if (_shape.Has(time, b))
            {
                var step = Step(d, time, b, end, share);
                _cell.Forward(step);
                KeepStates(d, time, b, end, share);
            }
            else
            {
                CarryState(d, time, b, end, share);
            }

            if (!Dense)
                CopyOutput(d, time, b, end, share);
            b = end;
        }
    }

    /// <summary>W_hh h_prev of the rows and units of a share, beside: the products of all blocks stay near until the cell has read them.</summary>
    private void MultiplyRecurrent(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        int stride = _weights.Stride, columns = _weights.RecurrentColumns, resultStride = _weights.RecurrentStride;
        float* hidden = HiddenAt(d, Before(d, time)) + (long)start * HiddenStride, bias = _weights[d].SeparateBias;
        float* product = _traces[d].Recurrent + (long)start * resultStride;
        int units = share.EndUnit - share.FirstUnit;
        if (units == stride)
            units = columns;
        for (int first = share.FirstUnit; first < columns; first += Math.Max(units, stride))
            _weights[d].RecurrentProduct.Run(_context.Kernels, hidden, HiddenStride, end - start, bias, product, resultStride, first, units);
    }

    /// <summary>What the cell's kernels read and write in a time step, from row <paramref name="start"/> on.</summary>
    private CellStep Step(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        ref var trace = ref _traces[d];
        int before = Before(d, time), stride = _weights.Stride;
        long row = (long)time * _shape.Batch + start, kept = _training ? row : start;
        int inputStride = _training && _input.Tokens is null ? _weights.TraceStride : _weights.InputStride;
        var step = new CellStep
        {
            Rows = end - start,
            FirstUnit = share.FirstUnit,
            EndUnit = share.EndUnit,
            Stride = stride,
            Units = _weights.HiddenSize,
            Input = _input.Tokens is null ? trace.Input + row * inputStride : _input.Table(d),
            InputStride = inputStride,
            Tokens = _input.Tokens is null ? null : _input.Tokens + row,
            Recurrent = trace.Recurrent + (long)start * _weights.RecurrentStride,
            RecurrentStride = _weights.RecurrentStride,
            PreviousHidden = HiddenAt(d, before) + (long)start * HiddenStride,
            Hidden = HiddenAt(d, time) + (long)start * HiddenStride,
            HiddenStride = HiddenStride,
            Reset = trace.Reset is null ? null : trace.Reset + kept * _weights.ResetStride,
            ResetStride = _weights.ResetStride,
            Parameters = _weights[d].Parameters,
            Trace = trace.Blocks is null ? null : trace.Blocks + kept * _weights.TraceStride,
            TraceStride = _weights.TraceStride,
        };
        if (!_weights.Cell.HasCellState)
            return step;
        step.PreviousCell = CellAt(d, before) + (long)start * stride;
        step.Cell = CellAt(d, time) + (long)start * stride;
        step.CellTanh = trace.CellTanh is null ? null : trace.CellTanh + kept * stride;
        return step;
    }

    /// <summary>Rows that have no such time step: the state stays, the output is zero, and so will be the gradients.</summary>
    private void CarryState(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        int before = Before(d, time), stride = _weights.Stride, units = share.EndUnit - share.FirstUnit;
        for (int b = start; b < end; b++)
        {
            long at = (long)b * HiddenStride + share.FirstUnit;
            Memory.Copy(HiddenAt(d, before) + at, HiddenAt(d, time) + at, units);
            if (_weights.Cell.HasCellState && KeepsCells)
                Memory.Copy(CellAt(d, before) + (long)b * stride + share.FirstUnit, CellAt(d, time) + (long)b * stride + share.FirstUnit, units);
            if (!_training)
                continue;
            float* blocks = _traces[d].Blocks + ((long)time * _shape.Batch + b) * _weights.TraceStride + share.FirstUnit;
            for (int block = 0; block < _weights.Cell.TraceBlocks; block++)
                Memory.Clear(blocks + block * stride, units);
        }
    }

    private void CopyOutput(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        int h = _weights.HiddenSize, first = share.FirstUnit, count = Math.Min(share.EndUnit, h) - first;
        for (int b = start; b < end; b++)
        {
            float* output = _output + ((long)time * _shape.Batch + b) * OutputSize + d * h + first;
            if (_shape.Has(time, b))
                Memory.Copy(HiddenAt(d, time) + (long)b * HiddenStride + first, output, count);
            else
                Memory.Clear(output, count);
        }
    }

    /// <summary>One direction's activations of a forward pass, in the workspace.</summary>
    private struct Trace
    {
        public float* Blocks; // [T,B,TraceStride] what the backward pass needs, then the gradients of the pre-activations; without a backward pass null, or [B,TraceStride] to work in
        public float* Input; // [T,B,...] the input's products: the beginning of Blocks, or memory of its own; null where they stand in a table
        public float* Normal; // [T,B,InputStride] what was normalised of the input's products; null where they are not, or stand in a table
        public float* Scales; // [T,B] likewise 1 / deviation
        public float* NormalSums; // gradients of gain and shift of the input's products, by blocks of rows
        public float* Recurrent; // [B,blocks x S] the recurrent products of one time step
        public float* Reset; // [T,B,ResetStride] r h_prev, or [B,ResetStride] without a backward pass; null for other cells
        public float* Cell; // [T+1,B,S]
        public float* CellTanh; // [T,B,S]
        public float* HiddenGradient; // [B,S] carried backwards
        public float* CellGradient; // [B,S] carried backwards
        public float* BiasGradient; // [gates x H]; null where the product has no biases
        public float* ParameterGradient; // [B,ParameterStride] each row's own sums
        public float* HeldHidden; // [B,S] gradients that pass by the cell (zoneout)
        public float* HeldCell; // [B,S] likewise
    }
}
