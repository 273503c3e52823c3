using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Adagrad (docs/equations.md, section 9) over a block whose length is a multiple of 16.</summary>
internal static unsafe class AdagradUpdate
{
    /// <summary>d = scale x gradient + decay x value; s += d^2; value = shrink x value - rate x d / (sqrt(s) + epsilon); gradient = 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* values, float* gradients, float* squares, long length, in UpdateConstants constants, float epsilon)
        where L : struct, ILanes<L>
    {
        L scale = L.Broadcast(constants.GradientScale), decay = L.Broadcast(constants.WeightDecay), shrink = L.Broadcast(constants.Shrink);
        L rate = L.Broadcast(constants.LearningRate), added = L.Broadcast(epsilon), zero = L.Broadcast(0);
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L value = L.Load(values + j);
            L d = L.FusedMultiplyAdd(decay, value, L.Load(gradients + j) * scale);
            L s = L.FusedMultiplyAdd(d, d, L.Load(squares + j));
            L.Store(s, squares + j);
            L.Store(shrink * value - rate * d / (L.Sqrt(s) + added), values + j);
            L.Store(zero, gradients + j);
        }
    }
}
