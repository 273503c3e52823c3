using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// GRU with the reset gate after the product, as in cuDNN and PyTorch (docs/equations.md, GRU). Blocks of the input's product: n, r, z; of the recurrent product: r, z, q with
/// q = W_hn h_prev + b_hn; of the trace: n, r, z, q, so that both products' gradients stand side by side (dn, dr, dz and dr, dz, dq).
/// </summary>
internal readonly unsafe struct GruCell : ICell
{
    /// <summary>r = sigmoid(gamma_r), z = sigmoid(gamma_z), n = tanh(gamma_n + r q), h = n + z (h_prev - n).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* x = row.Input, recurrent = row.Recurrent, previous = row.PreviousHidden, hidden = row.Hidden, trace = row.Trace;
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L r = Exponential.Sigmoid(L.Load(x + stride + j) + L.Load(recurrent + j));
            L z = Exponential.Sigmoid(L.Load(x + 2 * stride + j) + L.Load(recurrent + stride + j));
            L q = L.Load(recurrent + 2 * stride + j);
            L n = Exponential.Tanh(L.FusedMultiplyAdd(r, q, L.Load(x + j)));
            L.Store(L.FusedMultiplyAdd(z, L.Load(previous + j) - n, n), hidden + j);
            if (trace is null)
                continue;
            L.Store(n, trace + j);
            L.Store(r, trace + stride + j);
            L.Store(z, trace + 2 * stride + j);
            L.Store(q, trace + 3 * stride + j);
        }
    }

    /// <summary>
    /// dgamma_n = dh (1 - z) (1 - n^2); dgamma_z = dh (h_prev - n) z (1 - z); dq = dgamma_n r; dgamma_r = dgamma_n q r (1 - r); dh_prev = dh z + what passes through W_hh.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, end = row.EndUnit;
        float* trace = row.Trace, previous = row.PreviousHidden, output = row.OutputGradient, carried = row.HiddenGradient;
        L one = L.Broadcast(1);
        for (int j = row.FirstUnit; j < end; j += ILanes<L>.Count)
        {
            L n = L.Load(trace + j), r = L.Load(trace + stride + j), z = L.Load(trace + 2 * stride + j), q = L.Load(trace + 3 * stride + j);
            L dh = L.Load(carried + j);
            if (output is not null)
                dh += L.Load(output + j);
            L dn = dh * (one - z) * (one - n * n);
            L.Store(dn, trace + j);
            L.Store(dn * q * (r * (one - r)), trace + stride + j);
            L.Store(dh * (L.Load(previous + j) - n) * (z * (one - z)), trace + 2 * stride + j);
            L.Store(dn * r, trace + 3 * stride + j);
            L.Store(dh * z, carried + j);
        }
    }
}
