using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Adam with weight decay, through the gradient or decoupled, and with AMSGrad, over a block whose length is a multiple of 16.</summary>
internal static unsafe class AdamVariantUpdate
{
    /// <summary>What the variants add to the constants of a step.</summary>
    /// <param name="WeightDecay">Multiple of the value that is added to its gradient.</param>
    /// <param name="Shrink">Factor of the value before the update, for decoupled decay 1 - learning rate x decay; otherwise 1.</param>
    internal readonly record struct Constants(float WeightDecay, float Shrink);

    /// <summary>
    /// g = scale x gradient + decay x value; value = shrink x value; m and v as in <see cref="AdamUpdate"/>; u = max(u, v) if there is a u, else v;
    /// value -= stepSize x m / (sqrt(u) / sqrt(1 - b2^t) + epsilon); gradient = 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* values, float* gradients, float* first, float* second, float* largest, long length, in AdamUpdate.Constants constants, in Constants variant)
        where L : struct, ILanes<L>
    {
        L scale = L.Broadcast(constants.GradientScale), beta1 = L.Broadcast(constants.Beta1), beta2 = L.Broadcast(constants.Beta2);
        L rest1 = L.Broadcast(1 - constants.Beta1), rest2 = L.Broadcast(1 - constants.Beta2);
        L step = L.Broadcast(constants.StepSize), correction = L.Broadcast(constants.InverseRootCorrection), epsilon = L.Broadcast(constants.Epsilon);
        L decay = L.Broadcast(variant.WeightDecay), shrink = L.Broadcast(variant.Shrink), zero = L.Broadcast(0);
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L value = L.Load(values + j);
            L g = L.FusedMultiplyAdd(decay, value, L.Load(gradients + j) * scale);
            L m = L.FusedMultiplyAdd(beta1, L.Load(first + j), rest1 * g);
            L v = L.FusedMultiplyAdd(beta2, L.Load(second + j), rest2 * g * g);
            L.Store(m, first + j);
            L.Store(v, second + j);
            if (largest is not null)
            {
                L top = L.Load(largest + j);
                v = L.SelectLess(top, v, v, top);
                L.Store(v, largest + j);
            }

            L.Store(shrink * value - step * m / L.FusedMultiplyAdd(L.Sqrt(v), correction, epsilon), values + j);
            L.Store(zero, gradients + j);
        }
    }
}
