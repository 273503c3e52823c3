using System.Numerics.Tensors;
using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <content>Back-propagation through time.</content>
internal sealed unsafe partial class RecurrentLayer
{
    private float* _outputGradient;
    private float* _inputGradient;
    private float* _packing;

    /// <summary>
    /// Back-propagates through all steps of the last <see cref="Forward"/>. Adds to the gradients of the parameters (and of the token table); overwrites the others.
    /// </summary>
    /// <param name="outputGradient">[T,B,D x H] dL/d output.</param>
    /// <param name="inputGradient">[T,B,I] receives dL/d input, or <c>null</c> where nobody wants it. <c>null</c> for tokens.</param>
    /// <param name="finalHidden">[D,B,H] dL/d final hidden state, overwritten with dL/d initial hidden state; <c>null</c>: 0 and not wanted.</param>
    /// <param name="finalCell">[D,B,H] likewise for the cell, for cells that have one.</param>
    public void Backward(float* outputGradient, float* inputGradient, float* finalHidden, float* finalCell)
    {
        _outputGradient = outputGradient;
        _inputGradient = inputGradient;
        long states = (long)_shape.Batch * _weights.Stride;
        var workspace = _context.Workspace;
        for (int d = 0; d < _traces.Length; d++)
        {
            ref var trace = ref _traces[d];
            trace.HiddenGradient = workspace.AllocateZeroed(states);
            trace.CellGradient = _weights.Cell.HasCellState ? workspace.AllocateZeroed(states) : null;
            HoldStates(ref trace);
            trace.BiasGradient = _weights.Cell.BiasesAreOfProducts ? workspace.AllocateZeroed((long)_weights.Cell.Gates * _weights.HiddenSize) : null;
            trace.ParameterGradient = workspace.AllocateZeroed((long)_shape.Batch * _weights.ParameterStride);
            if (finalHidden is null)
                continue;
            CopyRows(finalHidden, d, trace.HiddenGradient, fromPadded: false);
            if (_weights.Cell.HasCellState)
                CopyRows(finalCell, d, trace.CellGradient, fromPadded: false);
        }

        _context.Team.Run(_runBackward);
        if (_weights.Cell.InputGain is not null && _input.Tokens is null)
            DifferentiateInputNormalization();
        int widest = Math.Max(_weights.HiddenSize, _input.Tokens is null ? _weights.InputSize : 0);
        _packing = workspace.Allocate(_context.Team.Size * TransposedProduct.PackingLength(widest));
        _context.Team.Run(_addGradients);
        AddVectorGradients();
        for (int d = 0; d < _traces.Length && finalHidden is not null; d++)
        {
            CopyRows(finalHidden, d, _traces[d].HiddenGradient, fromPadded: true);
            if (_weights.Cell.HasCellState)
                CopyRows(finalCell, d, _traces[d].CellGradient, fromPadded: true);
        }
    }

    /// <summary>States of a direction between [D,B,H] and [B,S].</summary>
    private void CopyRows(float* states, int d, float* padded, bool fromPadded)
    {
        int h = _weights.HiddenSize;
        for (int b = 0; b < _shape.Batch; b++)
        {
            float* dense = states + ((long)d * _shape.Batch + b) * h, row = padded + (long)b * _weights.Stride;
            Memory.Copy(fromPadded ? row : dense, fromPadded ? dense : row, h);
        }
    }

    private void RunBackward(int member)
    {
        var share = Share(member);
        if (share.FirstRow == share.EndRow)
            return;
        for (int d = share.FirstDirection; d < share.EndDirection; d++)
        {
            for (int step = _shape.Time - 1; step >= 0; step--)
                StepBackward(d, d == 0 ? step : _shape.Time - 1 - step, share);
        }
    }

    private void StepBackward(int d, int time, in TeamSplit.Share share)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride;
        ref var trace = ref _traces[d];
        for (int b = share.FirstRow; b < share.EndRow;)
        {
            int end = _shape.RunEnd(time, b, share.EndRow);
            if (_shape.Has(time, b)) // otherwise the gradients of its pre-activations are zero already, those of its state go on as they are
                BackwardRows(d, time, b, end, share);
            b = end;
        }

        if (_reset is not null)
            ResetBackward(d, time, share);
        share.Barrier?.SignalAndWait();

        // dh_prev += W_hh^T dgamma
        int start = share.FirstRow, active = _shape.ActiveEnd(time, start, share.EndRow), units = Math.Min(share.EndUnit, h) - share.FirstUnit, depth = _weights.RecurrentColumns;
        if (active == start || units <= 0)
            return;
        float* gradients = trace.Blocks + ((long)time * _shape.Batch + start) * _weights.TraceStride + _weights.Cell.RecurrentFirst * stride;
        float* carried = trace.HiddenGradient + (long)start * stride + share.FirstUnit;
        float* packed = _weights[d].RecurrentBackward!.Pointer + (long)share.FirstUnit * depth;
        _context.Kernels.Product(gradients, _weights.TraceStride, 1, active - start, depth, packed, units, carried, stride, carried, stride, true);
    }

    private void BackwardRows(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride, first = share.FirstUnit;
        var step = BackwardStep(d, time, start, end, share);
        float* outputGradient = _outputGradient + ((long)time * _shape.Batch + start) * OutputSize + d * h;
        if (h == stride && !_zoneout.Active)
        {
            step.OutputGradient = outputGradient;
            step.OutputGradientStride = OutputSize;
        }
        else
        {
            // Whole groups of sixteen units would reach into the next row.
            for (int b = 0; b < end - start; b++)
            {
                var dh = new Span<float>(step.HiddenGradient + (long)b * stride + first, Math.Min(share.EndUnit, h) - first);
                TensorPrimitives.Add(dh, new ReadOnlySpan<float>(outputGradient + (long)b * OutputSize + first, dh.Length), dh);
            }
        }

        HoldBack(d, time, start, end, share);
        _cell.Backward(step);
        GiveBack(d, start, end, share);
    }

    private CellStep BackwardStep(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        ref var trace = ref _traces[d];
        var step = Step(d, time, start, end, share);
        step.HiddenGradient = trace.HiddenGradient + (long)start * _weights.Stride;
        step.CellGradient = _weights.Cell.HasCellState ? trace.CellGradient + (long)start * _weights.Stride : null;
        step.ParameterGradient = trace.ParameterGradient + (long)start * _weights.ParameterStride;
        step.ParameterStride = _weights.ParameterStride;
        return step;
    }

    /// <summary>The gradients of the input's normalised results become those of its products; those of gain and shift go to their parameters.</summary>
    private void DifferentiateInputNormalization()
    {
        foreach (ref var trace in _traces.AsSpan())
            trace.NormalSums = _context.Workspace.Allocate(InputNormalization.SumsLength(_shape.Rows, _weights.InputStride));
        _context.Team.Run(_normalizeBackward);
        for (int d = 0; d < _traces.Length; d++)
            InputNormalization.AddGradients(_context.Kernels, _weights, d, _traces[d].NormalSums, _shape.Rows);
    }

    private void NormalizeBackward(int member)
    {
        for (int d = 0; d < _traces.Length; d++)
            InputNormalization.Backward(_context, member, _weights, d, _traces[d].Blocks, _weights.TraceStride, _shape.Rows, _traces[d].Normal, _traces[d].Scales, _traces[d].NormalSums);
    }

    /// <summary>All that is left once the gradients of every step's pre-activations are known. Split over rows of the weights or of the input, never over a sum.</summary>
    private void AddGradients(int member)
    {
        int h = _weights.HiddenSize, stride = _weights.Stride, traceStride = _weights.TraceStride, inputSize = _weights.InputSize;
        var cell = _weights.Cell;
        bool values = _input.Tokens is null;
        float* packing = _packing + member * TransposedProduct.PackingLength(Math.Max(h, values ? inputSize : 0));
        for (int d = 0; d < _traces.Length; d++)
        {
            var direction = _weights[d];
            float* blocks = _traces[d].Blocks;

            // dW_hh += sum over t of dgamma_t h_(t-1)^T, db += sum over t of dgamma_t
            var recurrent = new BlockGradient(blocks + cell.RecurrentFirst * stride, traceStride, stride, h, _shape.Rows, cell.RecurrentOrder);
            TransposedProduct.AddShare(
                _context, member, recurrent, HiddenAt(d, Before(d, 0)), HiddenStride, h, direction.RecurrentGradient, _traces[d].BiasGradient, packing);
            if (_reset is not null)
                AddInnerGradient(member, d, packing);
            AddRowSums(member, d);

            // dW_ih += sum over t of dgamma_t x_t^T
            if (values)
            {
                var input = new BlockGradient(blocks, traceStride, stride, h, _shape.Rows, cell.InputOrder);
                TransposedProduct.AddShare(
                    _context, member, input, _input.Values, inputSize, inputSize, direction.InputWeight.Gradient, cell.SeparateGate is null ? null : direction.Biases[0].Gradient, packing);
            }
            else
            {
                AddToTable(member, d);
            }
        }

        if (_inputGradient is null)
            return;
        var (start, end) = _context.Team.Share(member, _shape.Rows);
        for (int d = 0; d < _traces.Length && start < end; d++)
        {
            // dx = W_ih^T dgamma, the second direction added to the first
            float* destination = _inputGradient + (long)start * inputSize;
            _context.Kernels.Product(
                _traces[d].Blocks + (long)start * traceStride, traceStride, 1, end - start, _weights.InputStride, _weights[d].InputBackward!.Pointer, inputSize,
                d == 0 ? null : destination, inputSize, destination, inputSize, false);
        }
    }

    /// <summary>What each row has summed up for itself, into the first row's sums, in the order of the rows. Split over columns.</summary>
    private void AddRowSums(int member, int d)
    {
        int columns = _weights.ParameterStride;
        var (start, end) = _context.Team.Share(member, columns, 16);
        float* sums = _traces[d].ParameterGradient + start;
        for (int b = 1; b < _shape.Batch && start < end; b++)
            _context.Kernels.Add(sums + (long)b * columns, sums, end - start);
    }

    /// <summary>
    /// db_hh += sum over t of dgamma_t; db_ih likewise, unless a gate's two biases act apart: then its own product has given it. Vectors that kernels read get what their rows have summed up.
    /// </summary>
    private void AddVectorGradients()
    {
        int h = _weights.HiddenSize, stride = _weights.Stride;
        for (int d = 0; d < _traces.Length; d++)
        {
            var direction = _weights[d];
            for (int i = _weights.Cell.SeparateGate is null ? 0 : 1; _traces[d].BiasGradient is not null && i < direction.Biases.Length; i++)
                _context.Kernels.Add(_traces[d].BiasGradient, direction.Biases[i].Gradient, direction.Biases[i].Length);
            float* sums = _traces[d].ParameterGradient;
            foreach (var parameter in direction.Further)
            {
                for (int block = 0; block * h < parameter.Length; block++, sums += stride)
                    _context.Kernels.Add(sums, parameter.Gradient + block * h, h);
            }
        }
    }

    /// <summary>The gradients summed by token, in the order of the rows.</summary>
    private void AddToTable(int member, int d)
    {
        int columns = _weights.InputStride, traceStride = _weights.TraceStride;
        var (start, end) = _context.Team.Share(member, columns, 16);
        if (start >= end)
            return;
        for (int time = 0; time < _shape.Time; time++)
        {
            for (int b = 0; b < _shape.Batch; b++)
            {
                long row = (long)time * _shape.Batch + b;
                if (_shape.Has(time, b))
                    _context.Kernels.Add(_traces[d].Blocks + row * traceStride + start, _input.TableGradient(d) + (long)_input.Tokens[row] * columns + start, end - start);
            }
        }
    }
}
