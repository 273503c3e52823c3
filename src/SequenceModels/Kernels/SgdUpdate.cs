using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Stochastic gradient descent with momentum (docs/equations.md, section 9) over a block whose length is a multiple of 16.</summary>
internal static unsafe class SgdUpdate
{
    /// <summary>
    /// d = scale x gradient + decay x value; b = momentum x b + d if there is a b; value = shrink x value - rate x (b, or d without one, or d + momentum x b for
    /// Nesterov's rule); gradient = 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* values, float* gradients, float* directions, long length, in UpdateConstants constants, float momentum, bool nesterov)
        where L : struct, ILanes<L>
    {
        L scale = L.Broadcast(constants.GradientScale), decay = L.Broadcast(constants.WeightDecay), shrink = L.Broadcast(constants.Shrink);
        L rate = L.Broadcast(constants.LearningRate), kept = L.Broadcast(momentum), zero = L.Broadcast(0);
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L value = L.Load(values + j);
            L d = L.FusedMultiplyAdd(decay, value, L.Load(gradients + j) * scale);
            if (directions is not null)
            {
                L b = L.FusedMultiplyAdd(kept, L.Load(directions + j), d);
                L.Store(b, directions + j);
                d = nesterov ? L.FusedMultiplyAdd(kept, b, d) : b;
            }

            L.Store(shrink * value - rate * d, values + j);
            L.Store(zero, gradients + j);
        }
    }
}
