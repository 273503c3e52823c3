using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Clipping by global norm (Pascanu, Mikolov, Bengio 2013), or value by value.</summary>
internal static unsafe class GradientClipping
{
    // Sums of squares of so many floats are added up in double precision: a million single-precision additions in a row would lose digits.
    private const long Block = 1 << 14;

    /// <summary>The Euclidean norm of all gradients together.</summary>
    public static float GlobalNorm(KernelSet kernels, ParameterSet parameters)
    {
        double sum = 0;
        long length = parameters.Gradients.Length;
        for (long start = 0; start < length; start += Block)
            sum += kernels.SumOfSquares(parameters.Gradients.Pointer + start, Math.Min(Block, length - start));
        return (float)Math.Sqrt(sum);
    }

    /// <summary>
    /// The factor that brings gradients of that norm down to <paramref name="maximum"/>: maximum / (norm + 1e-6) if that is below 1, else 1 (PyTorch's <c>clip_grad_norm_</c>).
    /// </summary>
    public static float Factor(float norm, double maximum) => Math.Min(1, (float)maximum / (norm + 1e-6f));

    /// <summary>Brings each gradient into ± <paramref name="limit"/> (PyTorch's <c>clip_grad_value_</c>); a NaN stays one.</summary>
    public static void ByValue(KernelSet kernels, ParameterSet parameters, double limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        kernels.ClipValues(parameters.Gradients.Pointer, parameters.Gradients.Length, (float)limit);
    }
}
