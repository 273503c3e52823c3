using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// The elementwise part of one LSTM step for one row of a batch (docs/equations.md, LSTM forward and backward).
/// A row of gates is [4 x stride]: i, f, g, o, each padded to whole groups of 16 lanes; padded units have zero weights, so their states and gradients are 0.
/// </summary>
internal static unsafe class LstmGates
{
    /// <summary>
    /// i = sigmoid(gamma_i), f = sigmoid(gamma_f), g = tanh(gamma_g), o = sigmoid(gamma_o); c = f c_prev + i g; h = o tanh(c).
    /// </summary>
    /// <param name="gates">[4 x stride] pre-activations gamma, overwritten with the gates.</param>
    /// <param name="previousCell">[stride] c_prev.</param>
    /// <param name="cell">[stride] receives c; may be <paramref name="previousCell"/>.</param>
    /// <param name="cellTanh">[stride] receives tanh(c), or <c>null</c>.</param>
    /// <param name="hidden">[stride] receives h.</param>
    /// <param name="stride">H rounded up to 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(float* gates, float* previousCell, float* cell, float* cellTanh, float* hidden, int stride)
        where L : struct, ILanes<L>
    {
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L i = Exponential.Sigmoid(L.Load(gates + j));
            L f = Exponential.Sigmoid(L.Load(gates + stride + j));
            L g = Exponential.Tanh(L.Load(gates + 2 * stride + j));
            L o = Exponential.Sigmoid(L.Load(gates + 3 * stride + j));
            L c = L.FusedMultiplyAdd(f, L.Load(previousCell + j), i * g);
            L tanh = Exponential.Tanh(c);
            L.Store(c, cell + j);
            L.Store(o * tanh, hidden + j);
            if (cellTanh is null)
                continue;
            L.Store(tanh, cellTanh + j);
            L.Store(i, gates + j);
            L.Store(f, gates + stride + j);
            L.Store(g, gates + 2 * stride + j);
            L.Store(o, gates + 3 * stride + j);
        }
    }

    /// <summary>
    /// With dh and dc from later steps: dc_tot = dc + dh o (1 - tanh(c)^2); dgamma_o = dh tanh(c) o (1 - o); dgamma_g = dc_tot i (1 - g^2);
    /// dgamma_i = dc_tot g i (1 - i); dgamma_f = dc_tot c_prev f (1 - f); dc_prev = dc_tot f.
    /// </summary>
    /// <param name="gates">[4 x stride] gates of the forward step, overwritten with dgamma.</param>
    /// <param name="previousCell">[stride] c_prev of the forward step.</param>
    /// <param name="cellTanh">[stride] tanh(c) of the forward step.</param>
    /// <param name="hiddenGradient">[stride] dh, all of it.</param>
    /// <param name="cellGradient">[stride] dc through the next step, overwritten with dc_prev.</param>
    /// <param name="stride">H rounded up to 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(float* gates, float* previousCell, float* cellTanh, float* hiddenGradient, float* cellGradient, int stride)
        where L : struct, ILanes<L>
    {
        L one = L.Broadcast(1);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L i = L.Load(gates + j), f = L.Load(gates + stride + j), g = L.Load(gates + 2 * stride + j), o = L.Load(gates + 3 * stride + j);
            L tanh = L.Load(cellTanh + j), dh = L.Load(hiddenGradient + j);
            L dc = L.FusedMultiplyAdd(dh * o, one - tanh * tanh, L.Load(cellGradient + j));
            L.Store(dh * tanh * (o * (one - o)), gates + 3 * stride + j);
            L.Store(dc * i * (one - g * g), gates + 2 * stride + j);
            L.Store(dc * g * (i * (one - i)), gates + j);
            L.Store(dc * L.Load(previousCell + j) * (f * (one - f)), gates + stride + j);
            L.Store(dc * f, cellGradient + j);
        }
    }
}
