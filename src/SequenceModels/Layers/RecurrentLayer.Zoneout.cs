namespace SequenceModels.Layers;

/// <content>States that stay as they are, each unit for itself (docs/equations.md, 16.4 to 16.6).</content>
internal sealed unsafe partial class RecurrentLayer
{
    private Zoneout _zoneout;

    /// <summary>Whether the cell states of all steps are kept: for the backward pass, or because a step's new ones are mixed with those before.</summary>
    private bool KeepsCells => _training || _zoneout.Active;

    /// <summary>A mask's elements of a step, from row <paramref name="row"/> and a share's first unit on; <c>null</c> without a mask.</summary>
    private float* Kept(nint mask, int d, int time, int row, in TeamSplit.Share share)
    {
        int stride = _weights.Stride;
        return mask == 0 ? null : (float*)mask + ((long)time * _shape.Batch + row) * _weights.Directions * stride + d * stride + share.FirstUnit;
    }

    /// <summary>state_t = (1 - k) cell(x_t, state_(t-1)) + k state_(t-1).</summary>
    private void KeepStates(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        if (!_zoneout.Active)
            return;
        int before = Before(d, time), units = share.EndUnit - share.FirstUnit;
        for (int b = start; b < end; b++)
        {
            long at = (long)b * HiddenStride + share.FirstUnit;
            _context.Kernels.Blend(Kept(_zoneout.Hidden, d, time, b, share), _zoneout.Rate, HiddenAt(d, before) + at, HiddenAt(d, time) + at, units);
            if (!_weights.Cell.HasCellState)
                continue;
            at = (long)b * _weights.Stride + share.FirstUnit;
            _context.Kernels.Blend(Kept(_zoneout.Cell, d, time, b, share), _zoneout.Rate, CellAt(d, before) + at, CellAt(d, time) + at, units);
        }
    }

    /// <summary>Memory for the gradients that pass by the cell.</summary>
    private void HoldStates(ref Trace trace)
    {
        if (!_zoneout.Active)
            return;
        long states = (long)_shape.Batch * _weights.Stride;
        trace.HeldHidden = _context.Workspace.Allocate(states);
        trace.HeldCell = _weights.Cell.HasCellState ? _context.Workspace.Allocate(states) : null;
    }

    /// <summary>dcell_t = (1 - k) dstate_t; the rest passes by the cell.</summary>
    private void HoldBack(int d, int time, int start, int end, in TeamSplit.Share share)
    {
        if (!_zoneout.Active)
            return;
        ref var trace = ref _traces[d];
        int units = share.EndUnit - share.FirstUnit;
        for (int b = start; b < end; b++)
        {
            long at = (long)b * _weights.Stride + share.FirstUnit;
            _context.Kernels.Unblend(Kept(_zoneout.Hidden, d, time, b, share), trace.HiddenGradient + at, trace.HeldHidden + at, units);
            if (_weights.Cell.HasCellState)
                _context.Kernels.Unblend(Kept(_zoneout.Cell, d, time, b, share), trace.CellGradient + at, trace.HeldCell + at, units);
        }
    }

    /// <summary>dstate_(t-1) = (the cell's backward of dcell_t) + k dstate_t.</summary>
    private void GiveBack(int d, int start, int end, in TeamSplit.Share share)
    {
        if (!_zoneout.Active)
            return;
        ref var trace = ref _traces[d];
        int units = share.EndUnit - share.FirstUnit;
        for (int b = start; b < end; b++)
        {
            long at = (long)b * _weights.Stride + share.FirstUnit;
            _context.Kernels.Add(trace.HeldHidden + at, trace.HiddenGradient + at, units);
            if (_weights.Cell.HasCellState)
                _context.Kernels.Add(trace.HeldCell + at, trace.CellGradient + at, units);
        }
    }
}
