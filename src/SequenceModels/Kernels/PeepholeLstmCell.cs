using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// LSTM whose gates see the cell state (Gers, Schraudolph, Schmidhuber 2002; docs/equations.md, section 14). Blocks of the products and of the trace: i, f, g, o; of the parameters: p_i, p_f, p_o.
/// </summary>
internal readonly unsafe struct PeepholeLstmCell : ICell
{
    /// <summary>i = sigmoid(u_i + p_i c_prev), f = sigmoid(u_f + p_f c_prev), g = tanh(u_g); c = f c_prev + i g; o = sigmoid(u_o + p_o c); h = o tanh(c) (14.1 to 14.7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* x = row.Input, r = row.Recurrent, peepholes = row.Parameters, trace = row.Trace, cell = row.Cell, previousCell = row.PreviousCell, hidden = row.Hidden, cellTanh = row.CellTanh;
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L previous = L.Load(previousCell + j);
            L i = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(peepholes + j), previous, L.Load(x + j) + L.Load(r + j)));
            L f = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(peepholes + stride + j), previous, L.Load(x + stride + j) + L.Load(r + stride + j)));
            L g = Exponential.Tanh(L.Load(x + 2 * stride + j) + L.Load(r + 2 * stride + j));
            L c = L.FusedMultiplyAdd(f, previous, i * g);
            L o = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(peepholes + 2 * stride + j), c, L.Load(x + 3 * stride + j) + L.Load(r + 3 * stride + j)));
            L tanh = Exponential.Tanh(c);
            L.Store(c, cell + j);
            L.Store(o * tanh, hidden + j);
            if (trace is null)
                continue;
            L.Store(tanh, cellTanh + j);
            L.Store(i, trace + j);
            L.Store(f, trace + stride + j);
            L.Store(g, trace + 2 * stride + j);
            L.Store(o, trace + 3 * stride + j);
        }
    }

    /// <summary>
    /// dgamma_o = dh tanh(c) o (1 - o); dc_tot = dc + dh o (1 - tanh(c)^2) + dgamma_o p_o; dgamma_i, dgamma_f and dgamma_g as without peepholes (14.8 to 14.12);
    /// dp_i += dgamma_i c_prev, dp_f += dgamma_f c_prev, dp_o += dgamma_o c (14.15); dc_prev = dc_tot f + dgamma_i p_i + dgamma_f p_f (14.18).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* trace = row.Trace, output = row.OutputGradient, carried = row.HiddenGradient, cell = row.CellGradient, peepholes = row.Parameters, gradients = row.ParameterGradient;
        float* cellTanh = row.CellTanh, previousCell = row.PreviousCell;
        L one = L.Broadcast(1), zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L i = L.Load(trace + j), f = L.Load(trace + stride + j), g = L.Load(trace + 2 * stride + j), o = L.Load(trace + 3 * stride + j);
            L tanh = L.Load(cellTanh + j), previous = L.Load(previousCell + j), dh = L.Load(carried + j);
            if (output is not null)
                dh += L.Load(output + j);
            L dGammaO = dh * tanh * (o * (one - o));
            L dc = L.FusedMultiplyAdd(dGammaO, L.Load(peepholes + 2 * stride + j), L.FusedMultiplyAdd(dh * o, one - tanh * tanh, L.Load(cell + j)));
            L input = dc * g * (i * (one - i)), forget = dc * previous * (f * (one - f));
            L.Store(input, trace + j);
            L.Store(forget, trace + stride + j);
            L.Store(dc * i * (one - g * g), trace + 2 * stride + j);
            L.Store(dGammaO, trace + 3 * stride + j);
            L.Store(L.FusedMultiplyAdd(input, previous, L.Load(gradients + j)), gradients + j);
            L.Store(L.FusedMultiplyAdd(forget, previous, L.Load(gradients + stride + j)), gradients + stride + j);
            L own = L.FusedMultiplyAdd(f, previous, i * g); // c as the output gate saw it: what was stored may have been mixed with c_prev since
            L.Store(L.FusedMultiplyAdd(dGammaO, own, L.Load(gradients + 2 * stride + j)), gradients + 2 * stride + j);
            L.Store(L.FusedMultiplyAdd(forget, L.Load(peepholes + stride + j), L.FusedMultiplyAdd(input, L.Load(peepholes + j), dc * f)), cell + j);
            L.Store(zero, carried + j);
        }
    }
}
