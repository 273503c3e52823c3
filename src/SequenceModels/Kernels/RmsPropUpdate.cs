using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>RMSprop, centred or not, with or without momentum (docs/equations.md, section 9), over a block whose length is a multiple of 16.</summary>
internal static unsafe class RmsPropUpdate
{
    /// <summary>The constants of the rule.</summary>
    /// <param name="SquareDecay">Decay of the mean of squares, and of the mean.</param>
    /// <param name="Momentum">Part of the last direction that is kept.</param>
    /// <param name="Epsilon">Added to the root, above 0.</param>
    internal readonly record struct Constants(float SquareDecay, float Momentum, float Epsilon);

    /// <summary>
    /// d = scale x gradient + decay x value; s = a s + (1 - a) d^2; with a mean m = a m + (1 - a) d, the variance s - m^2 (not below 0: rounding) stands for s; d / (sqrt(s) + epsilon)
    /// is the direction, or is added to momentum x the last one if those are kept; value = shrink x value - rate x direction; gradient = 0.
    /// </summary>
    /// <param name="values">[length] the parameters.</param>
    /// <param name="gradients">[length] their gradients, zeroed.</param>
    /// <param name="squares">[length] s.</param>
    /// <param name="means">[length] m, or <c>null</c>.</param>
    /// <param name="directions">[length] the last directions, or <c>null</c>.</param>
    /// <param name="length">A multiple of 16.</param>
    /// <param name="constants">Of the step.</param>
    /// <param name="rule">Of the rule.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* values, float* gradients, float* squares, float* means, float* directions, long length, in UpdateConstants constants, in Constants rule)
        where L : struct, ILanes<L>
    {
        L scale = L.Broadcast(constants.GradientScale), decay = L.Broadcast(constants.WeightDecay), shrink = L.Broadcast(constants.Shrink), rate = L.Broadcast(constants.LearningRate);
        L kept = L.Broadcast(rule.SquareDecay), rest = L.Broadcast(1 - rule.SquareDecay), momentum = L.Broadcast(rule.Momentum), epsilon = L.Broadcast(rule.Epsilon), zero = L.Broadcast(0);
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L value = L.Load(values + j);
            L d = L.FusedMultiplyAdd(decay, value, L.Load(gradients + j) * scale);
            L s = L.FusedMultiplyAdd(kept, L.Load(squares + j), rest * d * d);
            L.Store(s, squares + j);
            if (means is not null)
            {
                L m = L.FusedMultiplyAdd(kept, L.Load(means + j), rest * d);
                L.Store(m, means + j);
                s -= m * m;
                s = L.SelectLess(s, zero, zero, s);
            }

            L direction = d / (L.Sqrt(s) + epsilon);
            if (directions is not null)
            {
                direction = L.FusedMultiplyAdd(momentum, L.Load(directions + j), direction);
                L.Store(direction, directions + j);
            }

            L.Store(shrink * value - rate * direction, values + j);
            L.Store(zero, gradients + j);
        }
    }
}
