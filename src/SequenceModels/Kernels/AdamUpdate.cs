using System.Runtime.CompilerServices;
using SequenceModels.Tensors;

namespace SequenceModels.Kernels;

/// <summary>Adam (Kingma and Ba 2015, algorithm 1) over a block of any length.</summary>
internal static unsafe class AdamUpdate
{
    /// <summary>The constants of one step.</summary>
    /// <param name="GradientScale">Factor of all gradients (clipping).</param>
    /// <param name="Beta1">Decay of the first moment.</param>
    /// <param name="Beta2">Decay of the second moment.</param>
    /// <param name="StepSize">Learning rate / (1 - beta1^t).</param>
    /// <param name="InverseRootCorrection">1 / sqrt(1 - beta2^t).</param>
    /// <param name="Epsilon">Added to the root of the corrected second moment.</param>
    internal readonly record struct Constants(float GradientScale, float Beta1, float Beta2, float StepSize, float InverseRootCorrection, float Epsilon);

    /// <summary>
    /// g = scale x gradient; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; value -= stepSize x m / (sqrt(v) / sqrt(1 - b2^t) + epsilon); gradient = 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* values, float* gradients, float* first, float* second, long length, in Constants constants)
        where L : struct, ILanes<L>
    {
        L scale = L.Broadcast(constants.GradientScale), beta1 = L.Broadcast(constants.Beta1), beta2 = L.Broadcast(constants.Beta2);
        L rest1 = L.Broadcast(1 - constants.Beta1), rest2 = L.Broadcast(1 - constants.Beta2);
        L step = L.Broadcast(constants.StepSize), correction = L.Broadcast(constants.InverseRootCorrection), epsilon = L.Broadcast(constants.Epsilon);
        L zero = L.Broadcast(0);
        long whole = length & -ILanes<L>.Count;
        for (long j = 0; j < whole; j += ILanes<L>.Count)
        {
            L g = L.Load(gradients + j) * scale;
            L m = L.FusedMultiplyAdd(beta1, L.Load(first + j), rest1 * g);
            L v = L.FusedMultiplyAdd(beta2, L.Load(second + j), rest2 * g * g);
            L.Store(m, first + j);
            L.Store(v, second + j);
            L.Store(L.Load(values + j) - step * m / L.FusedMultiplyAdd(L.Sqrt(v), correction, epsilon), values + j);
            L.Store(zero, gradients + j);
        }

        if (whole < length)
            Rest<L>(values + whole, gradients + whole, first + whole, second + whole, length - whole, constants);
    }

    /// <summary>Fewer than 16 elements, worked on in copies filled up with zeros.</summary>
    private static void Rest<L>(float* values, float* gradients, float* first, float* second, long length, in Constants constants)
        where L : struct, ILanes<L>
    {
        const int group = 16;
        float* copies = stackalloc float[4 * group];
        Memory.Clear(copies, 4 * group);
        Memory.Copy(values, copies, length);
        Memory.Copy(gradients, copies + group, length);
        Memory.Copy(first, copies + 2 * group, length);
        Memory.Copy(second, copies + 3 * group, length);
        Run<L>(copies, copies + group, copies + 2 * group, copies + 3 * group, group, constants);
        Memory.Copy(copies, values, length);
        Memory.Clear(gradients, length);
        Memory.Copy(copies + 2 * group, first, length);
        Memory.Copy(copies + 3 * group, second, length);
    }
}
