using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// LSTM (docs/equations.md, LSTM forward and backward). Blocks of the input's and the recurrent product and of the trace: i, f, g, o.
/// </summary>
internal readonly unsafe struct LstmCell : ICell
{
    /// <summary>i = sigmoid(gamma_i), f = sigmoid(gamma_f), g = tanh(gamma_g), o = sigmoid(gamma_o); c = f c_prev + i g; h = o tanh(c).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* x = row.Input, r = row.Recurrent, previous = row.PreviousCell, cell = row.Cell, hidden = row.Hidden, trace = row.Trace, cellTanh = row.CellTanh;
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L i = Exponential.Sigmoid(L.Load(x + j) + L.Load(r + j));
            L f = Exponential.Sigmoid(L.Load(x + stride + j) + L.Load(r + stride + j));
            L g = Exponential.Tanh(L.Load(x + 2 * stride + j) + L.Load(r + 2 * stride + j));
            L o = Exponential.Sigmoid(L.Load(x + 3 * stride + j) + L.Load(r + 3 * stride + j));
            L c = L.FusedMultiplyAdd(f, L.Load(previous + j), i * g);
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
    /// dc_tot = dc + dh o (1 - tanh(c)^2); dgamma_o = dh tanh(c) o (1 - o); dgamma_g = dc_tot i (1 - g^2);
    /// dgamma_i = dc_tot g i (1 - i); dgamma_f = dc_tot c_prev f (1 - f); dc_prev = dc_tot f. All of dh_prev passes through W_hh.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* trace = row.Trace, previous = row.PreviousCell, cellTanh = row.CellTanh, output = row.OutputGradient, carried = row.HiddenGradient, cell = row.CellGradient;
        L one = L.Broadcast(1), zero = L.Broadcast(0);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L i = L.Load(trace + j), f = L.Load(trace + stride + j), g = L.Load(trace + 2 * stride + j), o = L.Load(trace + 3 * stride + j);
            L tanh = L.Load(cellTanh + j), dh = L.Load(carried + j);
            if (output is not null)
                dh += L.Load(output + j);
            L dc = L.FusedMultiplyAdd(dh * o, one - tanh * tanh, L.Load(cell + j));
            L.Store(dh * tanh * (o * (one - o)), trace + 3 * stride + j);
            L.Store(dc * i * (one - g * g), trace + 2 * stride + j);
            L.Store(dc * g * (i * (one - i)), trace + j);
            L.Store(dc * L.Load(previous + j) * (f * (one - f)), trace + stride + j);
            L.Store(dc * f, cell + j);
            L.Store(zero, carried + j);
        }
    }
}
