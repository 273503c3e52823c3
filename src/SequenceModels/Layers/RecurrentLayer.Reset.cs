using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <content>The second product within a step, of cells whose reset gate acts before the product (docs/equations.md, section 5): it needs r h_prev of all units.</content>
internal sealed unsafe partial class RecurrentLayer
{
    /// <summary>r, z and s = r h_prev of a share's rows, then W_hn s, beside the recurrent products.</summary>
    private void ResetForward(int d, int time, int active, in TeamSplit.Share share)
    {
        int start = share.FirstRow, units = share.EndUnit - share.FirstUnit, stride = _weights.RecurrentStride;
        for (int b = start; b < share.EndRow;)
        {
            int end = _shape.RunEnd(time, b, share.EndRow);
            var step = Step(d, time, b, end, share);
            if (_shape.Has(time, b))
                _reset!.Forward(step);
            for (; b < end; b++, step.Reset += _weights.ResetStride)
            {
                if (!_shape.Has(time, b))
                    Memory.Clear(step.Reset + share.FirstUnit, units); // a factor of products that nobody reads, and of the weights' gradient
            }
        }

        share.Barrier?.SignalAndWait();
        if (active == start)
            return;
        float* reset = _traces[d].Reset + (_training ? (long)time * _shape.Batch + start : start) * _weights.ResetStride;
        float* product = _traces[d].Recurrent + (long)start * stride + _weights.RecurrentColumns;
        _weights[d].InnerProduct!.Run(_context.Kernels, reset, _weights.ResetStride, active - start, null, product, stride, share.FirstUnit, units);
    }

    /// <summary>ds = W_hn^T dgamma_n, where the inner product stood, then dgamma_r and what goes through s to h_prev.</summary>
    private void ResetBackward(int d, int time, in TeamSplit.Share share)
    {
        share.Barrier?.SignalAndWait();
        int start = share.FirstRow, active = _shape.ActiveEnd(time, start, share.EndRow), stride = _weights.RecurrentStride, depth = _weights.Stride;
        int units = Math.Min(share.EndUnit, _weights.HiddenSize) - share.FirstUnit;
        if (active == start || units <= 0)
            return;
        float* gradients = _traces[d].Blocks + ((long)time * _shape.Batch + start) * _weights.TraceStride;
        float* result = _traces[d].Recurrent + (long)start * stride + _weights.RecurrentColumns + share.FirstUnit;
        _context.Kernels.Product(
            gradients, _weights.TraceStride, 1, active - start, depth, _weights[d].InnerBackward!.Pointer + (long)share.FirstUnit * depth, units, null, 0, result, stride, true);
        for (int b = start; b < share.EndRow;)
        {
            int end = _shape.RunEnd(time, b, share.EndRow);
            if (_shape.Has(time, b))
                _reset!.Backward(BackwardStep(d, time, b, end, share));
            b = end;
        }
    }

    /// <summary>dW_hn += sum over t of dgamma_n,t s_t^T, and its bias.</summary>
    private void AddInnerGradient(int member, int d, float* packing)
    {
        int h = _weights.HiddenSize;
        var inner = new BlockGradient(_traces[d].Blocks, _weights.TraceStride, _weights.Stride, h, _shape.Rows, _weights.Cell.InnerOrder);
        TransposedProduct.AddShare(_context, member, inner, _traces[d].Reset, _weights.ResetStride, h, _weights[d].RecurrentGradient, _traces[d].BiasGradient, packing);
    }
}
