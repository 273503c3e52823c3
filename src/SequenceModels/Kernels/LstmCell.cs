using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// LSTM (docs/equations.md, LSTM forward and backward). Blocks of the input's and the recurrent product and of the trace: i, f, g, o.
/// </summary>
internal readonly unsafe struct LstmCell : ICell
{
    /// <summary>i = sigmoid(gamma_i), f = sigmoid(gamma_f), g = tanh(gamma_g), o = sigmoid(gamma_o); c = f c_prev + i g; h = o tanh(c).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* x = row.Input + j, r = row.Recurrent + j;
        L i = Exponential.Sigmoid(L.Load(x) + L.Load(r));
        L f = Exponential.Sigmoid(L.Load(x + stride) + L.Load(r + stride));
        L g = Exponential.Tanh(L.Load(x + 2 * stride) + L.Load(r + 2 * stride));
        L o = Exponential.Sigmoid(L.Load(x + 3 * stride) + L.Load(r + 3 * stride));
        L c = L.FusedMultiplyAdd(f, L.Load(row.PreviousCell + j), i * g);
        L tanh = Exponential.Tanh(c);
        L.Store(c, row.Cell + j);
        L.Store(o * tanh, row.Hidden + j);
        if (row.Trace is null)
            return;
        L.Store(tanh, row.CellTanh + j);
        float* trace = row.Trace + j;
        L.Store(i, trace);
        L.Store(f, trace + stride);
        L.Store(g, trace + 2 * stride);
        L.Store(o, trace + 3 * stride);
    }

    /// <summary>
    /// dc_tot = dc + dh o (1 - tanh(c)^2); dgamma_o = dh tanh(c) o (1 - o); dgamma_g = dc_tot i (1 - g^2);
    /// dgamma_i = dc_tot g i (1 - i); dgamma_f = dc_tot c_prev f (1 - f); dc_prev = dc_tot f. All of dh_prev passes through W_hh.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* trace = row.Trace + j;
        L one = L.Broadcast(1);
        L i = L.Load(trace), f = L.Load(trace + stride), g = L.Load(trace + 2 * stride), o = L.Load(trace + 3 * stride);
        L tanh = L.Load(row.CellTanh + j), dh = L.Load(row.HiddenGradient + j);
        if (row.OutputGradient is not null)
            dh += L.Load(row.OutputGradient + j);
        L dc = L.FusedMultiplyAdd(dh * o, one - tanh * tanh, L.Load(row.CellGradient + j));
        L.Store(dh * tanh * (o * (one - o)), trace + 3 * stride);
        L.Store(dc * i * (one - g * g), trace + 2 * stride);
        L.Store(dc * g * (i * (one - i)), trace);
        L.Store(dc * L.Load(row.PreviousCell + j) * (f * (one - f)), trace + stride);
        L.Store(dc * f, row.CellGradient + j);
        L.Store(L.Broadcast(0), row.HiddenGradient + j);
    }
}
