using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Stochastic gradient descent that averages its points (docs/equations.md, section 9) over a block whose length is a multiple of 16.</summary>
internal static unsafe class AveragedSgdUpdate
{
    /// <summary>
    /// value = shrink x value - rate x (scale x gradient + decay x value); average += part x (value - average), for a part of 1 simply the value; gradient = 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* values, float* gradients, float* averages, long length, in UpdateConstants constants, float part)
        where L : struct, ILanes<L>
    {
        L scale = L.Broadcast(constants.GradientScale), decay = L.Broadcast(constants.WeightDecay), shrink = L.Broadcast(constants.Shrink);
        L rate = L.Broadcast(constants.LearningRate), share = L.Broadcast(part), zero = L.Broadcast(0);
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L value = L.Load(values + j);
            value = shrink * value - rate * L.FusedMultiplyAdd(decay, value, L.Load(gradients + j) * scale);
            L.Store(value, values + j);
            L.Store(zero, gradients + j);
            L average = L.Load(averages + j);
            L.Store(part == 1 ? value : L.FusedMultiplyAdd(share, value - average, average), averages + j);
        }
    }
}
