using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// GRU with the reset gate after the product, as in cuDNN and PyTorch (docs/equations.md, GRU). Blocks of the input's product: n, r, z; of the recurrent product: r, z, q with
/// q = W_hn h_prev + b_hn; of the trace: n, r, z, q, so that both products' gradients stand side by side (dn, dr, dz and dr, dz, dq).
/// </summary>
internal readonly unsafe struct GruCell : ICell
{
    /// <summary>r = sigmoid(gamma_r), z = sigmoid(gamma_z), n = tanh(gamma_n + r q), h = n + z (h_prev - n).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* x = row.Input + j, recurrent = row.Recurrent + j;
        L r = Exponential.Sigmoid(L.Load(x + stride) + L.Load(recurrent));
        L z = Exponential.Sigmoid(L.Load(x + 2 * stride) + L.Load(recurrent + stride));
        L q = L.Load(recurrent + 2 * stride);
        L n = Exponential.Tanh(L.FusedMultiplyAdd(r, q, L.Load(x)));
        L.Store(L.FusedMultiplyAdd(z, L.Load(row.PreviousHidden + j) - n, n), row.Hidden + j);
        if (row.Trace is null)
            return;
        float* trace = row.Trace + j;
        L.Store(n, trace);
        L.Store(r, trace + stride);
        L.Store(z, trace + 2 * stride);
        L.Store(q, trace + 3 * stride);
    }

    /// <summary>
    /// dgamma_n = dh (1 - z) (1 - n^2); dgamma_z = dh (h_prev - n) z (1 - z); dq = dgamma_n r; dgamma_r = dgamma_n q r (1 - r); dh_prev = dh z + what passes through W_hh.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(in CellStep row, int j)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* trace = row.Trace + j;
        L one = L.Broadcast(1);
        L n = L.Load(trace), r = L.Load(trace + stride), z = L.Load(trace + 2 * stride), q = L.Load(trace + 3 * stride);
        L dh = L.Load(row.HiddenGradient + j);
        if (row.OutputGradient is not null)
            dh += L.Load(row.OutputGradient + j);
        L dn = dh * (one - z) * (one - n * n);
        L.Store(dn, trace);
        L.Store(dn * q * (r * (one - r)), trace + stride);
        L.Store(dh * (L.Load(row.PreviousHidden + j) - n) * (z * (one - z)), trace + 2 * stride);
        L.Store(dn * r, trace + 3 * stride);
        L.Store(dh * z, row.HiddenGradient + j);
    }
}
